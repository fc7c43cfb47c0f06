import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { TrackingStatus } from '../store/parcel-tracking.ts';
import { AssumedSize } from '../../platform/api/list-size.ts';

registerEnumType(TrackingStatus, {
  name: 'TrackingStatus',
  description:
    'INFO_RECEIVED: announced to the carrier, which does not have it yet. EXCEPTION: held up, e.g. nobody was there. RETURNED: back with its sender.',
});

@ObjectType('TrackingEvent', { description: 'What a carrier has said of a parcel.' })
export class TrackingEventType {
  @Field()
  at!: Date;
  @Field(() => TrackingStatus)
  status!: TrackingStatus;
  @Field({ description: 'As the carrier says it; may name who has signed.' })
  text!: string;
  @Field(() => String, { nullable: true })
  place!: string | null;
}

@ObjectType({ description: 'Where the parcel of a shipment is, by what carriers have said.' })
export class ShipmentTracking {
  @Field(() => TrackingStatus, { description: 'Of the newest event.' })
  status!: TrackingStatus;
  @Field(() => Date, { nullable: true, description: 'When the carrier has handed it over.' })
  deliveredAt!: Date | null;
  @Field({ description: 'When a carrier was last heard of it.' })
  asOf!: Date;
  @AssumedSize(50)
  @Field(() => [TrackingEventType], { description: 'Oldest first.' })
  events!: TrackingEventType[];
}
