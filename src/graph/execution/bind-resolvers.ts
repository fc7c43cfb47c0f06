import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { RequestContext } from '../../platform/api/request-context.ts';
import type { Subscriptions } from '../../platform/api/subscribe.ts';

type Resolve = GraphQLFieldResolver<unknown, RequestContext>;
type Method = (...values: unknown[]) => unknown;
/** The decorators of one root field, as type-graphql has read them. */
type Declared = ReturnType<typeof getMetadataStorage>['queries'][number];
type Parameter = NonNullable<Declared['params']>[number];
/** The resolvers, by their classes. */
type Instances = ReadonlyMap<unknown, object>;
/** Where the value of a parameter is found. */
type ValueOf = (...given: Parameters<Resolve>) => unknown;

/**
 * Lets the queries and mutations of a schema call their methods directly: which instance, and which argument stands
 * where, is looked up once. type-graphql does it for each call, and makes instances of the classes of inputs, for which
 * it searches all input types for each of their fields: a third of the time between GraphQL's field and the engine for a
 * `reserve`. Our classes of inputs only declare; the values are the plain objects that GraphQL has coerced. Changes the
 * given schema.
 */
export function bindResolvers(schema: GraphQLSchema, instances: Instances): void {
  const { queries, mutations } = getMetadataStorage();
  bindAll(schema.getQueryType(), queries, instances);
  bindAll(schema.getMutationType(), mutations, instances);
}

/** Gives the subscriptions of a schema their sources of events. Changes the given schema. */
export function bindSubscriptions(schema: GraphQLSchema, subscriptions: Subscriptions): void {
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  for (const [name, subscribe] of Object.entries(subscriptions)) {
    const field = fields[name];
    if (!field) throw new Error(`There is no subscription ${name}.`);
    field.subscribe = (_root, args: unknown, context: RequestContext) => subscribe(args as never, context);
  }
}

function bindAll(
  type: GraphQLObjectType | null | undefined,
  declared: readonly Declared[],
  instances: Instances,
): void {
  const fields = type?.getFields() ?? {};
  for (const one of declared) {
    const instance = instances.get(one.target);
    const field = fields[one.schemaName];
    if (instance && field) field.resolve = boundResolver(one, instance) ?? field.resolve;
  }
}

/** Undefined for what is left to type-graphql. */
function boundResolver(
  { methodName, params, middlewares, roles }: Declared,
  instance: object,
): Resolve | undefined {
  if (middlewares?.length || roles) return undefined;
  const values = (params ?? []).toSorted((a, b) => a.index - b.index).map(valueOf);
  if (!values.every((each) => each !== undefined)) return undefined;
  const method = (instance as Record<string, Method>)[methodName]!.bind(instance);
  return (...given) => method(...values.map((value) => value(...given)));
}

function valueOf(parameter: Parameter): ValueOf | undefined {
  switch (parameter.kind) {
    case 'arg': {
      const { name } = parameter;
      return (_root, args) => args[name] as unknown;
    }
    case 'args':
      return (_root, args) => args;
    case 'context':
      return parameter.propertyName === undefined ? (_root, _args, context) => context : undefined;
    case 'info':
      return (_root, _args, _context, info) => info;
    default:
      return undefined;
  }
}
