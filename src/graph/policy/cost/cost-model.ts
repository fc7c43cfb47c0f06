import { getNamedType, isCompositeType, isObjectType, type GraphQLSchema } from 'graphql';
import { listSizeOf, weightOf, type ListSize } from './cost-directives.ts';

/** The assumed size of a list of objects that says nothing of its size. */
export const DEFAULT_LIST_SIZE = 100;

/** The cost of one field. */
export interface FieldCost {
  /** Each time that it is asked. */
  weight: number;
  size: ListSize | undefined;
  /** Of a subscription: the argument for each of whose entries it begins with one event. */
  eventsOf: string | undefined;
}

/** The costs of the types and fields of a schema. */
export interface CostModel {
  /** The weight of one value of a type. */
  typeWeight(type: string): number;
  /** Undefined for a field that the schema does not have, e.g. of introspection. */
  field(type: string, field: string): FieldCost | undefined;
}

/** Reads the cost directives of a schema, once. */
export function costModelOf(schema: GraphQLSchema): CostModel {
  const weights = new Map<string, number>();
  const fields = new Map<string, FieldCost>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isCompositeType(type) || type.name.startsWith('__')) continue;
    const weight = weightOf(type);
    if (weight !== undefined) weights.set(type.name, weight);
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields()))
      fields.set(`${type.name}.${field.name}`, {
        weight: weightOf(field) ?? (isCompositeType(getNamedType(field.type)) ? 1 : 0),
        size: listSizeOf(field),
        eventsOf: field.extensions['eventsOf'] as string | undefined,
      });
  }
  return {
    typeWeight: (type) => weights.get(type) ?? 1,
    field: (type, field) => fields.get(`${type}.${field}`),
  };
}
