import { defaultFieldResolver, type GraphQLField, type GraphQLSchema } from 'graphql';
import { turns } from '../../platform/process/event-loop-turns.ts';
import { requireScope, type Actor } from '../../platform/api/actor.ts';
import type { RequestContext } from '../../platform/api/request-context.ts';

/** The scopes that fields need. A root field that is not listed is for the admin key alone. */
export interface ScopeTable {
  /** `Query.sku` → the scope that its caller needs. */
  rootFields: Readonly<Record<string, string>>;
  /** `Type.field` → the scope without which its value is masked, and how. */
  personal: Readonly<Record<string, { scope: string; mask: (value: string, parent: unknown) => string }>>;
}

/**
 * Puts the table into the schema itself, so that it holds on every transport and in every subgraph. Changes the
 * given schema.
 */
export function enforceScopes(schema: GraphQLSchema, table: ScopeTable): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const field of Object.values(type?.getFields() ?? {})) {
      const what = `${type!.name}.${field.name}`;
      guard(field, (actor) => requireScope(actor, table.rootFields[what], what));
    }
  for (const [what, { scope, mask }] of Object.entries(table.personal)) {
    const [typeName, fieldName] = what.split('.') as [string, string];
    const type = schema.getType(typeName);
    if (type && 'getFields' in type) maskUnless(type.getFields()[fieldName] as AnyField, scope, mask);
  }
  return schema;
}

type AnyField = GraphQLField<unknown, RequestContext>;

function guard(field: AnyField, check: (actor: Actor) => void): void {
  const { resolve = defaultFieldResolver, subscribe } = field;
  field.resolve = (source, args, context, info) => {
    check(context.actor);
    return resolve(source, args, context, info) as unknown;
  };
  if (subscribe)
    field.subscribe = (source, args, context, info) => {
      check(context.actor);
      return subscribe(source, args, context, info) as unknown;
    };
}

function maskUnless(field: AnyField, scope: string, mask: (value: string, parent: unknown) => string): void {
  const { resolve = defaultFieldResolver } = field;
  field.resolve = async (source, args, context, info) => {
    const value: unknown = await resolve(source, args, context, info);
    if (typeof value !== 'string' || context.actor.admin || context.actor.scopes?.has(scope)) return value;
    // A page of rows takes tens of milliseconds to mask: in turns, not in one piece.
    return turns.isOver() ? turns.later(() => mask(value, source)) : mask(value, source);
  };
}
