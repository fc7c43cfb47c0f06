import { Directive, Extensions } from 'type-graphql';

/**
 * How large the list of a field is, as `@listSize` of IBM's GraphQL cost directives, printed in the schema; the cost of
 * a document is computed from it before anything runs (docs/api-cost.md). These are decorators of fields.
 */

/** Says that a list has about `size` entries: its greatest number where there is one. */
export const AssumedSize = (size: number) => Directive(`@listSize(assumedSize: ${size})`);

/** Says that an argument decides the size of the list: a number, or a list of which each different entry counts once. */
export const SizedBy = (argument: string) =>
  Directive(`@listSize(slicingArguments: ["${argument}"], requireOneSlicingArgument: false)`);

/** Says that an argument decides the size of lists of what the field answers. */
export const ListsSizedBy = (argument: string, lists: readonly string[]) =>
  Directive(
    `@listSize(slicingArguments: ["${argument}"], sizedFields: ${JSON.stringify(lists)}, requireOneSlicingArgument: false)`,
  );

/** Says that the field answers a connection of `first` entries. */
export const SizedByFirst = () => ListsSizedBy('first', ['nodes', 'edges']);

/** Weighs a type (each of its values) or a field (each time it is asked), as `@cost` of the same directives; 1 without. */
export const Cost = (weight: number) => Directive(`@cost(weight: "${weight}")`);

/** Says that a subscription begins with one event for each entry of an argument. */
export const BeginsWithEventsOf = (argument: string) => Extensions({ eventsOf: argument });
