import { Field, ID, InputType, Int, ObjectType, createUnionType, registerEnumType } from 'type-graphql';
import type { PhysicalOutcome } from '../engine/command.ts';
import { RestockReason, StockCondition, StockCounter } from '../model/stock.enums.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

registerEnumType(RestockReason, { name: 'RestockReason' });
registerEnumType(StockCondition, { name: 'StockCondition' });
registerEnumType(StockCounter, { name: 'StockCounter' });

/** Physical facts in the public API; built from the engine's outcomes. */

@ObjectType({ description: 'One change of one counter: a row of the ledger.' })
export class StockMovement {
  @Field(() => ID)
  sku!: string;
  @Field(() => ID)
  pool!: string;
  @Field(() => ID, { nullable: true })
  node!: string | null;
  @Field(() => StockCounter)
  counter!: StockCounter;
  @Field(() => Int)
  delta!: number;
  @Field()
  cause!: string;
  @Field()
  at!: Date;
}

@ObjectType('Restock')
export class RestockType {
  @Field(() => ID)
  id!: string;
  @AssumedSize(400)
  @Field(() => [StockMovement])
  movements!: StockMovement[];
  /** Resolved to `atp`, afresh each time. */
  pool!: string;
  skus!: string[];
}

@ObjectType({
  description: 'What cannot be a fact, e.g. more units back than were shipped. Nothing changed.',
})
export class RestockRefused {
  @Field()
  reason!: string;
  @Field(() => ID, { nullable: true })
  sku!: string | null;
  @Field(() => Int, { nullable: true })
  restockable!: number | null;
}

export const RestockPayload = createUnionType({
  name: 'RestockPayload',
  types: () => [RestockType, RestockRefused] as const,
});

export function restockPayload(outcome: PhysicalOutcome): RestockType | RestockRefused {
  if (outcome.type === 'RestockRefused') return Object.assign(new RestockRefused(), outcome);
  const movements = outcome.movements.map((movement) => ({ ...movement, at: new Date(movement.at) }));
  return Object.assign(new RestockType(), { ...outcome, movements });
}

@InputType({
  description:
    '`orderLine` is required for a return; `inbound` names the purchase order or transfer that a receipt belongs to.',
})
export class RestockLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  quantity!: number;
  @Field(() => StockCondition, { nullable: true, defaultValue: StockCondition.SELLABLE })
  condition?: StockCondition | null;
  @Field(() => ID, { nullable: true })
  orderLine?: string | null;
  @Field(() => ID, { nullable: true })
  inbound?: string | null;
}

@InputType()
export class RestockInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  node!: string;
  @Field(() => RestockReason)
  reason!: RestockReason;
  @Field(() => [RestockLineInput])
  lines!: RestockLineInput[];
  @Field(() => String, { nullable: true, description: "The fact's id in the system it comes from." })
  externalEventId?: string | null;
}

@InputType({ description: 'Exactly one of `delta` (signed) and `counted`.' })
export class AdjustStockLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int, { nullable: true })
  delta?: number | null;
  @Field(() => Int, { nullable: true })
  counted?: number | null;
}

@InputType()
export class AdjustStockInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  node!: string;
  @Field(() => [AdjustStockLineInput])
  lines!: AdjustStockLineInput[];
  @Field()
  reason!: string;
}

@InputType()
export class InspectionLineInput {
  @Field(() => ID)
  sku!: string;
  @Field(() => Int)
  quantity!: number;
  @Field(() => StockCondition, { description: 'What the units were thought to be.' })
  from!: StockCondition;
  @Field(() => StockCondition, { description: 'What they are.' })
  to!: StockCondition;
}

@InputType()
export class RecordInspectionInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  node!: string;
  @Field(() => [InspectionLineInput])
  lines!: InspectionLineInput[];
  @Field(() => String, { nullable: true, description: "The fact's id in the system it comes from." })
  externalEventId?: string | null;
}
