import { Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { ReturnPolicy } from '../engine/command.ts';

registerEnumType(ReturnPolicy, {
  name: 'ReturnPolicy',
  description: 'What becomes of shipped units whose money goes back.',
  valuesConfig: {
    NONE: { description: 'Refund without return: nothing comes back.' },
    EXPECTED_RETURN: { description: 'A return is open: the units count as supply of a later day.' },
    SELLABLE_ON_PROOF: {
      description: 'Returned to sender or intercepted: they count once a node has them (`restock`).',
    },
  },
});

@InputType()
export class RefundLineInput {
  @Field()
  orderLineExternalId!: string;
  @Field(() => Int)
  quantity!: number;
}

@InputType()
export class RecordRefundInput {
  @Field()
  idempotencyKey!: string;
  @Field(() => ID)
  channel!: string;
  @Field()
  orderExternalId!: string;
  @Field({ description: "The refund's id in finance: the same one, told again, changes nothing." })
  refundExternalId!: string;
  @Field()
  settledAt!: Date;
  @Field(() => [RefundLineInput])
  lines!: RefundLineInput[];
  @Field(() => ReturnPolicy, { nullable: true, defaultValue: ReturnPolicy.NONE })
  policy?: ReturnPolicy | null;
}
