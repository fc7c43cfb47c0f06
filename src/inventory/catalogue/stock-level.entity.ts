import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { PrimaryKeyProp } from '@mikro-orm/core';
import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType('StockLevel', { description: 'What a node physically has.' })
@Entity({ tableName: 'stock_level' })
export class StockLevelRow {
  [PrimaryKeyProp]?: ['sku', 'node'];

  @PrimaryKey({ type: 'text' })
  sku!: string;
  /** Resolved to the node itself. */
  @PrimaryKey({ type: 'text' })
  node!: string;

  @Field(() => Int, { description: 'Sellable units.' })
  @Property({ type: 'integer' })
  onHand!: number;
  @Field(() => Int)
  @Property({ type: 'integer' })
  allocated!: number;
  @Field(() => Int)
  @Property({ type: 'integer' })
  damaged!: number;
  @Field(() => Int)
  @Property({ type: 'integer' })
  quarantined!: number;
}
