import { ReservationState } from '../../model/stock.enums.ts';
import type { Outcome, ReservationOutcome } from '../command.ts';
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

/** The outcomes as they were answered, whatever has become of the reservations since. */
export async function outcomesOf(session: EngineSession, kept: readonly StoredReply[]): Promise<Outcome[]> {
  const ids = kept.flatMap((reply) => (reply.type === 'HoldAsMade' ? [reply.id] : []));
  const reservations = ids.length > 0 ? await readReservations(session, ids) : new Map<string, never>();
  return kept.map((reply) =>
    reply.type === 'HoldAsMade' ? restoreHold(reply, reservations.get(reply.id)!) : reply,
  );
}

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
