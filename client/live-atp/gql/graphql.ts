/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AtpTermKind =
  | 'ALLOCATED'
  | 'CHANNEL_QUOTA'
  | 'CONFIRMED'
  | 'FUTURE_DRAW'
  | 'HELD'
  | 'ON_HAND'
  | 'SAFETY_BUFFER'
  | 'SHORTFALL';

export type AtpUpdateKind =
  | 'CHANGE'
  | 'SNAPSHOT';

export type AtpVersionInput = {
  sku: string | number;
  version: string;
};

export type WatchAtpSubscriptionVariables = Exact<{
  skus: Array<string | number> | string | number;
  channel?: string | number | null | undefined;
  resume?: Array<AtpVersionInput> | AtpVersionInput | null | undefined;
}>;


export type WatchAtpSubscription = { atp: { kind: AtpUpdateKind, previousVersion: string | null, coalesced: number, atp: { channel: string | null, quantity: number, version: string, asOf: string, sku: { code: string }, terms: Array<{ kind: AtpTermKind, quantity: number }> } } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const WatchAtpDocument = new TypedDocumentString(`
    subscription WatchAtp($skus: [ID!]!, $channel: ID, $resume: [AtpVersionInput!]) {
  atp(skus: $skus, channel: $channel, resume: $resume) {
    kind
    previousVersion
    coalesced
    atp {
      sku {
        code
      }
      channel
      quantity
      version
      asOf
      terms {
        kind
        quantity
      }
    }
  }
}
    `) as unknown as TypedDocumentString<WatchAtpSubscription, WatchAtpSubscriptionVariables>;