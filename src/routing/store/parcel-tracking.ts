/** The status that a carrier reports of a parcel. RETURNED: back with its sender. */
export const TrackingStatus = {
  INFO_RECEIVED: 'INFO_RECEIVED',
  IN_TRANSIT: 'IN_TRANSIT',
  OUT_FOR_DELIVERY: 'OUT_FOR_DELIVERY',
  DELIVERED: 'DELIVERED',
  EXCEPTION: 'EXCEPTION',
  RETURNED: 'RETURNED',
} as const;
export type TrackingStatus = keyof typeof TrackingStatus;

/** One event of a parcel, as its carrier told it. */
export interface TrackingEvent {
  at: Date;
  status: TrackingStatus;
  text: string;
  place: string | null;
}

/** Where the parcel of a shipment is, by what carriers have said. `events` are oldest first. */
export interface ParcelTracking {
  status: TrackingStatus;
  deliveredAt: Date | null;
  asOf: Date;
  events: TrackingEvent[];
}
