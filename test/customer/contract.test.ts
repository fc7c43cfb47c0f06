import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { buildSchema, printType, visit, parse, print, type GraphQLSchema } from 'graphql';
import { testSchema } from '../support/customer/test-graph.ts';

const contract = buildSchema(readFileSync(new URL('../../schema/api.graphql', import.meta.url), 'utf8'));

/** Fields of these types that other domains bring. */
const BROUGHT_BY_OTHERS: Record<string, string[]> = {
  Order: ['reservations', 'routingDecisions', 'estimatedArrival'],
  Sku: ['levels', 'availableToPromise'],
  Ticket: ['messages'],
};

const TYPES =
  'Customer CustomerIdentity IdentityKind Preference SourceFreshness ScreenPop Order OrderLine OrderState OrderEdge ' +
  'OrderConnection DeliveryMethod Money Ticket TicketStatus TicketEdge TicketConnection Return ReturnLine ReturnStatus ' +
  'ReturnEdge ReturnConnection';

const schema = await testSchema();

test.each(TYPES.split(' '))('type %s is as the contract says', (name) => {
  expect(shapeOf(schema, name)).toEqual(shapeOf(contract, name));
});

test('the queries are as the contract says', () => {
  const wanted = new Set(shapeOf(contract, 'Query'));
  const ours = shapeOf(schema, 'Query');
  expect(ours.filter((field) => !wanted.has(field))).toEqual([]);
  expect(ours).toHaveLength(6);
});

/** Each field with its arguments, defaults and nullability; neither descriptions nor the order matter. */
function shapeOf(of: GraphQLSchema, name: string): string[] {
  const shapes: string[] = [];
  visit(parse(printType(of.getType(name)!)), {
    FieldDefinition(field) {
      if (BROUGHT_BY_OTHERS[name]?.includes(field.name.value)) return;
      const args = (field.arguments ?? []).map((arg) => print({ ...arg, description: undefined }));
      shapes.push(`${field.name.value}(${args.sort().join(', ')}): ${print(field.type)}`);
    },
    EnumValueDefinition: (value) => void shapes.push(value.name.value),
  });
  return shapes.sort();
}
