import type { RequestContext } from './request-context.ts';

/**
 * Where the events of a subscription come from: a root field's arguments, checked, become a source. Events may be many
 * subscribers' own (`SharedEventSource`).
 * @throws HubError of arguments that name what does not exist, before anything is sent
 */
export type Subscribe = (
  // Each root field has arguments of its own, which the schema has checked.
  args: never,
  context: RequestContext,
) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;

/** Sources by the names of their root fields. */
export type Subscriptions = Readonly<Record<string, Subscribe>>;

/** Stands in the decorators of subscriptions: the source is bound to the schema, with its collaborators, at the start. */
export function boundAtStart(): never {
  throw new Error('This subscription has no source of events.');
}
