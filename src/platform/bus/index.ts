/** The change bus, over PostgreSQL or NATS. */
import type { ChangeBus } from './change-bus.ts';
import type { Logger } from '../process/log.ts';
import type { NatsAddress } from '../process/nats-address.ts';
import { natsTransport } from './nats-transport.ts';
import { postgresTransport } from './postgres-transport.ts';
import { startSignalBus } from './signal-bus.ts';

/** @param nats undefined: the database carries the signals */
export function startChangeBus(
  { nats, databaseUrl }: { nats: NatsAddress | undefined; databaseUrl: string },
  log: Logger,
): Promise<ChangeBus> {
  return startSignalBus(nats ? natsTransport(nats) : postgresTransport(databaseUrl), log);
}
