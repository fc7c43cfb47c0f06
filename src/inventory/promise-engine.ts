import type { Actor } from '../platform/access.ts';
import type { Idempotency } from '../platform/idempotency.ts';
import { HubError } from '../platform/errors.ts';
import type {
  Adjust,
  Outcome,
  PhysicalOutcome,
  ReservationCommandOutcome,
  Reserve,
  ReserveOutcome,
  Restock,
  StockCommand,
  Submission,
} from './engine/command.ts';
import { isUuid } from '../platform/uuid.ts';

interface Call<Command extends StockCommand> {
  command: Command;
  actor: Actor;
  idempotency: Idempotency;
}

/** The engine with the outcome that each command can have. */
export class PromiseEngine {
  constructor(private readonly submit: (submission: Submission) => Promise<Outcome>) {}

  reserve(call: Call<Reserve>): Promise<ReserveOutcome> {
    return this.submit(call) as Promise<ReserveOutcome>;
  }

  /** Confirm, release or extend. @throws HubError RESERVATION_NOT_FOUND */
  async command(call: Call<Extract<StockCommand, { reservationId: string }>>): Promise<ReservationCommandOutcome> {
    const { reservationId } = call.command;
    if (!isUuid(reservationId)) throw new HubError('RESERVATION_NOT_FOUND', `You have no reservation ${reservationId}.`);
    const command = { ...call.command, reservationId: reservationId.toLowerCase() };
    return this.submit({ ...call, command }) as Promise<ReservationCommandOutcome>;
  }

  physical(call: Call<Restock | Adjust>): Promise<PhysicalOutcome> {
    return this.submit(call) as Promise<PhysicalOutcome>;
  }
}
