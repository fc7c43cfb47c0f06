import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { SellsFrom } from '../model/split-quota.ts';
import { Cost } from '../../platform/api/list-size.ts';

export enum TemperatureClass {
  AMBIENT = 'AMBIENT',
  CHILLED = 'CHILLED',
  FROZEN = 'FROZEN',
}
registerEnumType(TemperatureClass, { name: 'TemperatureClass' });

export enum NodeKind {
  WAREHOUSE = 'WAREHOUSE',
  STORE = 'STORE',
  THIRD_PARTY = 'THIRD_PARTY',
}
registerEnumType(NodeKind, { name: 'NodeKind' });

registerEnumType(SellsFrom, {
  name: 'SellsFrom',
  description:
    'POOL: it asks before it sells, and may use what is shared. ESCROW: it keeps its own counter, so that only its exclusive quota is its.',
});

/** Nodes that promise together; days are counted in its time zone. */
@Entity({ tableName: 'pool' })
export class Pool {
  @PrimaryKey({ type: 'text' })
  code!: string;
  @Property({ type: 'text' })
  name!: string;
  @Property({ type: 'text' })
  timeZone!: string;
}

@ObjectType({ description: 'A place where the merchant sells.' })
@Entity({ tableName: 'channel' })
export class Channel {
  @Field(() => ID)
  @PrimaryKey({ type: 'text' })
  code!: string;

  @Field()
  @Property({ type: 'text' })
  name!: string;

  /** The pool it sells from when a call names none. */
  @Property({ type: 'text' })
  pool!: string;

  @Field(() => Int, { description: 'How long its holds last where a call does not say.' })
  @Property({ type: 'integer' })
  holdTtlSeconds!: number;

  @Field(() => SellsFrom)
  @Property({ type: 'text' })
  sellsFrom!: SellsFrom;
}

@ObjectType({ description: 'A place that holds stock and ships, or hands over at a counter.' })
@Entity({ tableName: 'node' })
export class FulfilmentNode {
  @Field(() => ID)
  @PrimaryKey({ type: 'text' })
  code!: string;

  @Field()
  @Property({ type: 'text' })
  name!: string;

  @Field(() => NodeKind)
  @Property({ type: 'text' })
  kind!: NodeKind;

  @Field()
  @Property({ type: 'text' })
  city!: string;

  @Field(() => Int, { nullable: true, description: 'Orders a day.' })
  @Property({ type: 'integer', nullable: true })
  dailyCapacity!: number | null;

  @Property({ type: 'text' })
  pool!: string;

  @Field(() => [TemperatureClass], { description: 'What it can store and ship.' })
  @Property({ type: 'array' })
  temperatureClasses!: TemperatureClass[];

  @Field({ description: 'Whether customers can fetch orders there.' })
  @Property({ type: 'boolean' })
  pickup!: boolean;

  @Field({ description: 'Whether it sends parcels.' })
  @Property({ type: 'boolean' })
  delivery!: boolean;

  @Property({ type: 'boolean' })
  heavyCargo!: boolean;

  @Property({ type: 'text', nullable: true })
  province!: string | null;

  @Property({ type: 'double', nullable: true })
  latitude!: number | null;

  @Property({ type: 'double', nullable: true })
  longitude!: number | null;

  /** 1 = Monday … 7 = Sunday. */
  @Property({ type: 'array', runtimeType: 'number' })
  workingWeekdays!: number[];

  /** yyyy-mm-dd. */
  @Property({ type: 'array' })
  holidays!: string[];

  @Property({ type: 'array' })
  extraWorkdays!: string[];

  /** May name a node that is not known yet. */
  @Property({ type: 'text', nullable: true })
  fallbackNode!: string | null;

  /** Of a shipment, in minor units of the merchant's currency. */
  @Property({ type: 'integer' })
  handlingCostMinor!: number;

  @Field({ description: 'IANA name.' })
  @Property({ type: 'text' })
  timeZone!: string;

  @Field({ description: 'HH:mm in its time zone: work taken in before it leaves the same day.' })
  @Property({ type: 'text' })
  cutOff!: string;
}

@Cost(2)
@ObjectType()
@Entity({ tableName: 'sku' })
export class Sku {
  @Field(() => ID)
  @PrimaryKey({ type: 'text' })
  code!: string;

  @Field()
  @Property({ type: 'text' })
  title!: string;

  @Field(() => Int, { nullable: true })
  @Property({ type: 'integer', nullable: true })
  weightGrams!: number | null;

  @Field(() => Int, { nullable: true })
  @Property({ type: 'integer', nullable: true })
  lengthMm!: number | null;

  @Field(() => Int, { nullable: true })
  @Property({ type: 'integer', nullable: true })
  widthMm!: number | null;

  @Field(() => Int, { nullable: true })
  @Property({ type: 'integer', nullable: true })
  heightMm!: number | null;

  @Field(() => TemperatureClass)
  @Property({ type: 'text' })
  temperatureClass!: TemperatureClass;

  /** The order of first sight, in which SKUs are listed. */
  @Property({ type: 'bigint' })
  position!: string;
}
