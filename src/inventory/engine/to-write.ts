import type { Decision, Submission } from './command.ts';
import type { LockedStock } from './locked-stock.ts';

/** The argument of the `write-batch` statement: everything that the batch has changed. */
export function toWrite(stock: LockedStock, fresh: Submission[], decisions: Map<Submission, Decision>) {
  const created = [...stock.newReservations];
  const changed = [...stock.changedReservations];
  const keys = keysOf(fresh, decisions);
  return {
    now: stock.now,
    newReservations: created.map(({ lines: _lines, ...reservation }) => reservation),
    newLines: created.flatMap(({ id, channel, lines }) =>
      lines.map(({ allocations: _allocations, ...line }) => ({ reservationId: id, channel, ...line })),
    ),
    reservations: changed.map(({ id, state, expiresAt, orderExternalId, events }) => ({
      id,
      state,
      expiresAt,
      orderExternalId,
      events,
    })),
    // Only lines of locked balances can have changed; writing others would take locks out of order.
    lines: changed.flatMap(({ id, lines }) =>
      lines
        .filter((line) => stock.changedLines.has(line))
        .map(({ allocations: _allocations, ...line }) => ({ reservationId: id, ...line })),
    ),
    allocations: [...created, ...changed].flatMap((reservation) =>
      reservation.lines
        .filter((line) => stock.newReservations.has(reservation) || stock.changedLines.has(line))
        .flatMap(({ lineNo, allocations }) =>
          allocations.map((allocation) => ({ reservationId: reservation.id, lineNo, ...allocation })),
        ),
    ),
    balances: [...stock.changedBalances],
    levels: [...stock.changedLevels],
    quotas: [...stock.changedQuotas],
    newSupplies: stock.newSupplies,
    supplies: [...stock.changedSupplies]
      .filter((supply) => !stock.newSupplies.includes(supply))
      .map(({ id, ordered, received, node, availableOn, countsFrom }) => ({
        id,
        ordered,
        received,
        node,
        availableOn,
        countsFrom,
      })),
    movements: stock.movements,
    facts: stock.newFacts,
    ...keys,
  };
}

/** The argument of the `write-plans` statement; undefined when nothing of it has changed, as in most batches. */
export function plansToWrite({ changedCampaigns, changedPools }: LockedStock) {
  if (changedCampaigns.size + changedPools.size === 0) return undefined;
  return {
    campaigns: [...changedCampaigns].map(({ limits: _limits, ...campaign }) => campaign),
    limits: [...changedCampaigns].flatMap(({ code, limits }) =>
      limits.map((limit) => ({ campaign: code, ...limit })),
    ),
    pools: [...changedPools].map(({ code, overdue, resaleRate }) => ({ code, ...overdue, resaleRate })),
  };
}

/** Outcomes are kept under their keys; of a bad request nothing is, so that its key may be used for the mended one. */
function keysOf(fresh: Submission[], decisions: Map<Submission, Decision>) {
  const replies = new Map<
    string,
    { partner: string; key: string; operation: string; bodyHash: string; reply: unknown }
  >();
  const unclaimed = new Map<string, { partner: string; key: string }>();
  for (const submission of fresh) {
    const { partner } = submission.actor;
    const { key, operation, bodyHash } = submission.idempotency;
    const id = `${partner}\u0000${key}`;
    const decision = decisions.get(submission)!;
    if ('outcome' in decision) {
      if (!replies.has(id)) replies.set(id, { partner, key, operation, bodyHash, reply: decision.outcome });
    } else if (!replies.has(id)) unclaimed.set(id, { partner, key });
  }
  for (const id of replies.keys()) unclaimed.delete(id);
  return { replies: [...replies.values()], unclaimed: [...unclaimed.values()] };
}
