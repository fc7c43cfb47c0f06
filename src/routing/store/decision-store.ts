import type { EntityManager } from '../../platform/database/database.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import { newId } from '../../platform/database/ids.ts';
import type { RoutingInput } from '../decide/facts/routing-facts.ts';
import type { RoutingOutcome } from '../decide/outcome.ts';
import type { RoutingMode } from './routing-override-store.ts';

export interface DecisionRow {
  id: string;
  orderId: string;
  ruleSetId: string;
  cohort: 'ACTIVE' | 'CANARY' | 'SHADOW' | 'DRY_RUN';
  mode: RoutingMode;
  engineVersion: string;
  input: RoutingInput;
  outcome: RoutingOutcome;
  reservationIds: string[];
  /** In the order of the outcome's shipments. */
  shipmentIds: string[];
  status: 'PENDING' | 'FINAL' | 'SUPERSEDED';
  supersededBy: string | null;
  decidedAt: Date;
  durationMs: number;
}

const COLUMNS = `id, order_id as "orderId", rule_set_id as "ruleSetId", cohort, mode, engine_version as "engineVersion",
  input, outcome, to_jsonb(reservation_ids) as "reservationIds", to_jsonb(shipment_ids) as "shipmentIds", status,
  superseded_by as "supersededBy", decided_at as "decidedAt", duration_ms as "durationMs"`;

/**
 * Stores what was decided, before anything of it is carried out.
 * @param decision `givesWork`: its nodes have the work from now on, as others that decide are to see
 * @returns its id
 */
export async function insertDecision(
  em: EntityManager,
  decision: Omit<DecisionRow, 'id' | 'shipmentIds' | 'engineVersion' | 'supersededBy' | 'decidedAt'> & {
    givesWork: boolean;
  },
): Promise<string> {
  const id = newId();
  const { outcome } = decision;
  const plannedWork = decision.givesWork
    ? outcome.shipments.map(({ node, countsTowards }) => ({ node, rules: countsTowards }))
    : [];
  await em.execute(
    `insert into routing_decision (id, order_id, rule_set_id, cohort, mode, engine_version, input, outcome,
       reservation_ids, shipment_ids, status, decided_at, duration_ms, planned_work)
     select ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb,
       array(select value::uuid from jsonb_array_elements_text(?::jsonb)),
       array(select value::uuid from jsonb_array_elements_text(?::jsonb)), ?, ?, ?, ?::jsonb`,
    [
      id,
      decision.orderId,
      decision.ruleSetId,
      decision.cohort,
      decision.mode,
      outcome.engineVersion,
      JSON.stringify(decision.input),
      JSON.stringify(outcome),
      JSON.stringify(decision.reservationIds),
      JSON.stringify(outcome.shipments.map(() => newId())),
      decision.status,
      decision.input.now,
      decision.durationMs,
      JSON.stringify(plannedWork),
    ],
  );
  return id;
}

/** In the order of their taking, by ids that need not exist. */
export async function readDecisions(em: EntityManager, ids: readonly string[]): Promise<DecisionRow[]> {
  const rows = await em.execute<DecisionRow[]>(
    `select ${COLUMNS} from routing_decision
     where id in (select value::uuid from jsonb_array_elements_text(?::jsonb)) order by id`,
    [JSON.stringify(ids)],
  );
  return rows.map(asDecision);
}

/** Of each order, oldest first. */
export async function readDecisionsOfOrders(
  em: EntityManager,
  orderIds: readonly string[],
): Promise<DecisionRow[]> {
  const rows = await em.execute<DecisionRow[]>(
    `select ${COLUMNS} from routing_decision
     where order_id in (select value::uuid from jsonb_array_elements_text(?::jsonb)) order by id`,
    [JSON.stringify(orderIds)],
  );
  return rows.map(asDecision);
}

export async function readDecision(em: EntityManager, id: string): Promise<DecisionRow> {
  const [decision] = await readDecisions(em, [id]);
  if (!decision) throw unknownError('UNKNOWN_ROUTING_DECISION', id);
  return decision;
}

/** The decision of the order that is not carried out yet, if there is one. */
export async function pendingDecisionOf(em: EntityManager, orderId: string): Promise<string | undefined> {
  const [row] = await em.execute<{ id: string }[]>(
    `select id from routing_decision where order_id = ? and status = 'PENDING'`,
    [orderId],
  );
  return row?.id;
}

/** @returns whether it was still to be carried out; then it is the caller's to do, under the lock of its order */
export async function closeDecision(
  em: EntityManager,
  id: string,
  status: 'FINAL' | 'SUPERSEDED',
): Promise<boolean> {
  const rows = await em.execute<unknown[]>(
    `update routing_decision set status = ? where id = ? and status = 'PENDING' returning id`,
    [status, id],
  );
  return rows.length > 0;
}

function asDecision(row: DecisionRow): DecisionRow {
  return { ...row, decidedAt: new Date(row.decidedAt) };
}
