import { unknownStoredReply } from '../../../platform/api/idempotency.ts';
import { HubError } from '../../../platform/errors.ts';
import { ReservationState } from '../../model/stock.enums.ts';
import type { Decision, Outcome, ReservationOutcome } from '../command.ts';
import type { EngineSession } from '../connection/engine-session.ts';
import * as sql from '../lock/lock-order.sql.ts';
import {
  describeReservation,
  untouchedLine,
  type LockedLine,
  type LockedReservation,
} from '../state/locked-rows.ts';

/**
 * The reply stored under a key: the outcome; or of a plain hold, the reply of which there are most, only what its rows
 * do not say for good. It takes a quarter of the bytes, in the row, in the log and on the way there.
 *
 * Every kind here is one that the last release reads too: old and new processes share a database while they are
 * upgraded. A new kind is read in one release and written from the next one on (ADR 43).
 */
export type StoredReply = Outcome | HoldAsMade;

interface HoldAsMade {
  type: 'HoldAsMade';
  id: string;
  /** May be extended later. */
  expiresAt: string | null;
  /** Of each line; may be moved later. */
  promisedOn: string[];
}

/** `hold`: of today's units, without a shortage, a campaign or an order; nothing has happened to it yet. */
export function compactHold({ id, expiresAt, lines }: ReservationOutcome): HoldAsMade {
  return { type: 'HoldAsMade', id, expiresAt, promisedOn: lines.map(({ promisedOn }) => promisedOn) };
}

const KNOWN_KINDS: Record<StoredReply['type'], true> = {
  HoldAsMade: true,
  Reservation: true,
  InsufficientStock: true,
  ReservationNotOpen: true,
  Fulfilment: true,
  NodesRanOut: true,
  Restock: true,
  RestockRefused: true,
  Planned: true,
};

/** Whether this version reads a stored reply; an unknown kind, or a reservation in an unknown state, is a newer one's. */
function isKnownReply(stored: unknown): stored is StoredReply {
  const { type, state } = (stored ?? {}) as { type?: string; state?: string };
  return (
    type !== undefined &&
    Object.hasOwn(KNOWN_KINDS, type) &&
    (state === undefined || Object.values<string>(ReservationState).includes(state))
  );
}

/**
 * Reads the outcomes as they were answered, whatever has become of the reservations since. One that cannot be read is
 * refused by itself and never becomes another outcome.
 */
export async function readStoredOutcomes(
  session: EngineSession,
  stored: readonly { key: string; reply: unknown }[],
): Promise<Decision[]> {
  const ids = stored.flatMap(({ reply }) =>
    isKnownReply(reply) && reply.type === 'HoldAsMade' ? [reply.id] : [],
  );
  const reservations =
    ids.length > 0 ? await readReservations(session, ids) : new Map<string, LockedReservation>();
  return stored.map(({ key, reply }) => {
    if (!isKnownReply(reply)) return { refusal: unknownStoredReply(key) };
    if (reply.type !== 'HoldAsMade') return { outcome: reply };
    const reservation = reservations.get(reply.id);
    return reservation
      ? { outcome: restoreHold(reply, reservation) }
      : { refusal: deletedReservation(reply) };
  });
}

/** Keys are deleted before their reservations; this is the answer where one database had hubs of different settings. */
const deletedReservation = ({ id }: HoldAsMade) =>
  new HubError(
    'RESERVATION_NOT_FOUND',
    `Reservation ${id} was made under this key and has been deleted since.`,
  );

/** Events are only ever added, and what a line reserves, its SKU and their number never change. */
function restoreHold(
  { expiresAt, promisedOn }: HoldAsMade,
  reservation: LockedReservation,
): ReservationOutcome {
  return describeReservation({
    ...reservation,
    state: ReservationState.HELD,
    expiresAt: new Date(expiresAt!),
    orderExternalId: null,
    events: reservation.events.slice(0, 1),
    lines: reservation.lines.map((line, index) => ({
      ...line,
      ...untouchedLine,
      promisedOn: promisedOn[index]!,
    })),
  });
}

async function readReservations(
  session: EngineSession,
  ids: string[],
): Promise<Map<string, LockedReservation>> {
  const [rows, lines] = await Promise.all([
    session.queryColumns<Omit<LockedReservation, 'lines'>>(sql.readReservations, [ids]),
    session.queryColumns<LockedLine & { reservationId: string }>(sql.readLines, [ids]),
  ]);
  const ofReservation = Map.groupBy(lines, ({ reservationId }) => reservationId);
  return new Map(rows.map((row) => [row.id, { ...row, lines: ofReservation.get(row.id)! }]));
}
