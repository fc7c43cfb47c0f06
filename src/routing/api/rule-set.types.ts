import {
  Field,
  Float,
  ID,
  InputType,
  Int,
  ObjectType,
  createUnionType,
  registerEnumType,
} from 'type-graphql';
import type { RuleSetRow } from '../store/rule-set-store.ts';
import { RuleEffect } from '../decide/rules/rules.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

registerEnumType(RuleEffect, { name: 'RuleEffect' });

export enum RuleSetRung {
  DRAFT = 'DRAFT',
  REPLAYED = 'REPLAYED',
  SHADOW = 'SHADOW',
  CANARY = 'CANARY',
  ACTIVE = 'ACTIVE',
  RETIRED = 'RETIRED',
  ROLLED_BACK = 'ROLLED_BACK',
}

registerEnumType(RuleSetRung, { name: 'RuleSetRung' });

@ObjectType('RoutingRule', {
  description:
    'A condition in CEL over order, line, node, carrier and now, and its effect. `weight`: PREFER how much in minor units, LIMIT how many open orders, RESPOND_WITHIN hours.',
})
export class RoutingRuleType {
  @Field()
  name!: string;
  @Field()
  when!: string;
  @Field(() => RuleEffect)
  effect!: RuleEffect;
  @Field(() => Float, { nullable: true })
  weight!: number | null;
  @Field(() => String, { nullable: true })
  message!: string | null;
}

@ObjectType()
export class RuleSet {
  @Field(() => ID)
  id!: string;
  @Field(() => Int)
  version!: number;
  @Field(() => RuleSetRung)
  rung!: RuleSetRung;
  @AssumedSize(100)
  @Field(() => [RoutingRuleType])
  rules!: RoutingRuleType[];
  @Field()
  createdBy!: string;
  @Field()
  createdAt!: Date;

  static of(row: RuleSetRow): RuleSet {
    const rules = row.rules.map((rule) => ({
      ...rule,
      effect: RuleEffect[rule.effect],
      weight: rule.weight ?? null,
      message: rule.message ?? null,
    }));
    return Object.assign(new RuleSet(), { ...row, rules });
  }
}

@ObjectType('RuleProblem', { description: 'A mistake in a rule; line and column of `when` count from 1.' })
export class RuleProblemType {
  @Field()
  rule!: string;
  @Field(() => Int)
  line!: number;
  @Field(() => Int)
  column!: number;
  @Field()
  message!: string;
}

@ObjectType()
export class RuleSetInvalid {
  @AssumedSize(100)
  @Field(() => [RuleProblemType])
  problems!: RuleProblemType[];
}

export const RuleSetPayload = createUnionType({
  name: 'RuleSetPayload',
  types: () => [RuleSet, RuleSetInvalid] as const,
});

@InputType()
export class RoutingRuleInput {
  @Field()
  name!: string;
  @Field({ description: 'CEL.' })
  when!: string;
  @Field(() => RuleEffect)
  effect!: RuleEffect;
  @Field(() => Float, { nullable: true })
  weight?: number | null;
  @Field(() => String, { nullable: true })
  message?: string | null;
}

@InputType()
export class RuleSetDraftInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => [RoutingRuleInput])
  rules!: RoutingRuleInput[];
}
