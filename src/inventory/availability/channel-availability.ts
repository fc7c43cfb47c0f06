import type { EntityManager } from '../../platform/database/database.ts';
import { promisableQuantity } from '../model/available-to-promise.ts';
import { availableTo, type SellingChannel } from '../model/split-quota.ts';
import type { AtpReading } from './read-availability.ts';

/** A channel with the pool it sells from when a call names none. */
export interface PoolChannel extends SellingChannel {
  pool: string;
}

/** The numbers of a reading for those who sell: units of the whole pool, and of each channel. */
export interface PromiseNumbers {
  quantity: number;
  channels: { channel: string; quantity: number }[];
}

export function channelAvailability(reading: AtpReading, channels: readonly PoolChannel[]): PromiseNumbers {
  const quantity = promisableQuantity(reading.figures);
  const selling = channels.filter(({ pool }) => pool === reading.pool);
  return {
    quantity,
    channels: selling.map((channel) => ({
      channel: channel.code,
      quantity: availableTo(channel, quantity, reading.quotas),
    })),
  };
}

/** All channels, by code. */
export function readPoolChannels(em: EntityManager): Promise<PoolChannel[]> {
  return em.execute<PoolChannel[]>('select code, pool, sells_from as "sellsFrom" from channel order by code');
}
