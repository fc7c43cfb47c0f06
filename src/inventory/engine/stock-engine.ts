import type { Actor } from '../../platform/api/actor.ts';
import { unknownStoredReply, type Idempotency } from '../../platform/api/idempotency.ts';
import { HubError } from '../../platform/errors.ts';
import type {
  Adjust,
  Allocate,
  AllocateOutcome,
  Cancel,
  Confirm,
  Extend,
  FulfilmentOutcome,
  Inspect,
  Outcome,
  PhysicalOutcome,
  PlanCommand,
  PlannedOutcome,
  Refund,
  RejectAtNode,
  Release,
  ReservationCommandOutcome,
  Reserve,
  ReserveOutcome,
  Restock,
  Ship,
  StockCommand,
  Submission,
  RecordChannelOrder,
} from './command.ts';
import { isUuid } from '../../platform/database/ids.ts';

interface Call<Command extends StockCommand> {
  command: Command;
  actor: Actor;
  idempotency: Idempotency;
}

/** Commands of the owner of a reservation. */
export type ReservationCommand = Confirm | Release | Extend | Cancel;
/** Commands of fulfilment. */
export type FulfilmentCommand = Allocate | Ship | RejectAtNode;

/**
 * The engine with the outcome that each command can have. Any other kind is a stored reply of another version of the
 * hub: each method throws HubError UNKNOWN_STORED_REPLY for it.
 */
export class StockEngine {
  constructor(private readonly submit: (submission: Submission) => Promise<Outcome>) {}

  reserve(call: Call<Reserve>): Promise<ReserveOutcome> {
    return this.submitFor(call, ['Reservation', 'InsufficientStock']);
  }

  /** @throws HubError RESERVATION_NOT_FOUND */
  async changeReservation(call: Call<ReservationCommand>): Promise<ReservationCommandOutcome> {
    const { reservationId } = call.command;
    if (!isUuid(reservationId))
      throw new HubError('RESERVATION_NOT_FOUND', `You have no reservation ${reservationId}.`);
    const command = { ...call.command, reservationId: reservationId.toLowerCase() };
    return this.submitFor({ ...call, command }, ['Reservation', 'ReservationNotOpen']);
  }

  /** Confirmed units to nodes, out of them, or back from them. Answers NodesRanOut only to an allocation. */
  fulfil(call: Call<FulfilmentCommand>): Promise<AllocateOutcome> {
    return this.submitFor(call, ['Fulfilment', 'ReservationNotOpen', 'NodesRanOut']);
  }

  /** Records an order that its channel has accepted. */
  takeOrder(call: Call<RecordChannelOrder>): Promise<FulfilmentOutcome> {
    return this.submitFor(call, ['Fulfilment']);
  }

  /** Changes supply, and how it is counted. */
  changeSupply(call: Call<PlanCommand>): Promise<PlannedOutcome> {
    return this.submitFor(call, ['Planned']);
  }

  recordFact(call: Call<Restock | Adjust | Inspect | Refund>): Promise<PhysicalOutcome> {
    return this.submitFor(call, ['Restock', 'RestockRefused']);
  }

  private async submitFor<Kind extends Outcome['type']>(
    call: Call<StockCommand>,
    kinds: readonly Kind[],
  ): Promise<Extract<Outcome, { type: Kind }>> {
    const outcome = await this.submit(call);
    if (kinds.some((kind) => kind === outcome.type)) return outcome as Extract<Outcome, { type: Kind }>;
    throw unknownStoredReply(call.idempotency.key);
  }
}
