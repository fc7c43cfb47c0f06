import type { GraphQLFormattedError } from 'graphql';
import type { Actor } from '../../platform/api/actor.ts';
import type { Logger } from '../../platform/process/log.ts';
import { endActiveSpan, isTracing } from '../../platform/tracing/tracer.ts';
import { OperationMeter, type OperationKind, type Transport } from './operation.metrics.ts';

/** Longer names are cut: clients choose them. */
const MAX_NAME = 100;

/** An operation as far as it is known. */
export interface ObservedOperation {
  type: OperationKind;
  name: string | undefined;
}

/** Of a request that was refused before its operation was known. */
export const UNKNOWN_OPERATION: ObservedOperation = { type: 'none', name: undefined };

/** Observes the operations of one transport: counts them, logs the slow ones, names and ends their spans. */
export class OperationObserver {
  private readonly meters: Record<OperationKind, OperationMeter>;

  constructor(
    private readonly transport: Transport,
    private readonly log: Logger,
    private readonly slowMs: number,
  ) {
    this.meters = {
      query: new OperationMeter('query', transport),
      mutation: new OperationMeter('mutation', transport),
      subscription: new OperationMeter('subscription', transport),
      none: new OperationMeter('none', transport),
    };
  }

  /**
   * Observes an operation that was answered.
   * @param began by performance.now()
   * @param cost undefined where it was not charged
   * @param code of the first error
   */
  ended(
    { type, name }: ObservedOperation,
    began: number,
    cost: number | undefined,
    actor: Actor | null,
    requestId: string,
    code: string | undefined,
  ): void {
    const milliseconds = performance.now() - began;
    this.meters[type].count(milliseconds, cost, code);
    if (milliseconds >= this.slowMs) this.logSlow(type, name, cost, milliseconds, actor, requestId, code);
    if (isTracing()) this.endSpan(type, name, cost, requestId, code);
  }

  private logSlow(
    type: OperationKind,
    name: string | undefined,
    cost: number | undefined,
    milliseconds: number,
    actor: Actor | null,
    requestId: string,
    code: string | undefined,
  ): void {
    this.log.warn(
      {
        operation: name?.slice(0, MAX_NAME) ?? null,
        type,
        transport: this.transport,
        cost: cost ?? null,
        durationMs: Math.round(milliseconds),
        partner: actor?.partner ?? null,
        key: actor?.keyId ?? null,
        outcome: code ?? 'ok',
        requestId,
      },
      'slow operation',
    );
  }

  private endSpan(
    type: OperationKind,
    name: string | undefined,
    cost: number | undefined,
    requestId: string,
    code: string | undefined,
  ): void {
    const attributes = {
      'graphql.operation.type': type,
      ...(name !== undefined && { 'graphql.operation.name': name.slice(0, MAX_NAME) }),
      ...(cost !== undefined && { 'orderweave.cost': cost }),
      'orderweave.transport': this.transport,
      'orderweave.request_id': requestId,
    };
    // By the semantic conventions the name has no operation name in it, which clients choose.
    endActiveSpan(type === 'none' ? 'graphql' : type, attributes, code);
  }
}

/** The code of the first of the errors that a client is told. */
export function firstCode(errors: readonly GraphQLFormattedError[] | undefined): string | undefined {
  if (!errors || errors.length === 0) return undefined;
  return String(errors[0]!.extensions?.code ?? 'INTERNAL');
}
