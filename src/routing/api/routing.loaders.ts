import { groupedByKey, inKeyOrder, type LoaderDefinition } from '../../platform/api/request-context.ts';
import { isUuid } from '../../platform/database/ids.ts';
import { readDecisions, readDecisionsOfOrders, type DecisionRow } from '../store/decision-store.ts';
import { readRuleSets, type RuleSetRow } from '../store/rule-set-store.ts';
import { readShipments, type ShipmentRow } from '../store/shipment-store.ts';
import { readTracking } from '../store/tracking-store.ts';
import type { ShipmentTracking } from './tracking.types.ts';
import { RuleSet } from './rule-set.types.ts';

export const decisionById: LoaderDefinition<string, DecisionRow | null> = {
  batch: async (ids, { em }) =>
    inKeyOrder(
      ids,
      await readDecisions(em, ids.filter(isUuid)),
      ({ id }) => id,
      (row) => row ?? null,
    ),
};

/** Oldest first. */
export const decisionsOfOrder: LoaderDefinition<string, DecisionRow[]> = {
  batch: async (ids, { em }) =>
    groupedByKey(ids, await readDecisionsOfOrders(em, ids), ({ orderId }) => orderId),
};

export const ruleSetById: LoaderDefinition<string, RuleSet> = {
  batch: async (ids, { em }) =>
    inKeyOrder(
      ids,
      await readRuleSets(em, ids),
      ({ id }) => id,
      (row) => (row ? RuleSet.of(row) : new Error('a decision names a rule set that does not exist')),
    ) as RuleSet[],
};

export const ruleSetRowById: LoaderDefinition<string, RuleSetRow> = {
  batch: async (ids, { em }) =>
    inKeyOrder(
      ids,
      await readRuleSets(em, ids),
      ({ id }) => id,
      (row) => row ?? new Error('a decision names a rule set that does not exist'),
    ) as RuleSetRow[],
};

/** Null where the decision was not carried out. */
export const shipmentById: LoaderDefinition<string, ShipmentRow | null> = {
  batch: async (ids, { em }) =>
    inKeyOrder(
      ids,
      await readShipments(em, 'id', ids),
      ({ id }) => id,
      (row) => row ?? null,
    ),
};

/** Null while no carrier has told of it. */
export const trackingOfShipment: LoaderDefinition<string, ShipmentTracking | null> = {
  batch: async (ids, { em }) => {
    const known = await readTracking(em, ids);
    return ids.map((id) => known.get(id) ?? null);
  },
};

/** Orders with an open shipment at the node. */
export const openOrdersOfNode: LoaderDefinition<string, number> = {
  batch: async (codes, { em }) => {
    const rows = await em.execute<{ node: string; orders: number }[]>(
      `select node, sum(orders)::int as orders from node_open_work
       where rule = '' and node in (select jsonb_array_elements_text(?::jsonb)) group by node`,
      [JSON.stringify(codes)],
    );
    return inKeyOrder(
      codes,
      rows,
      ({ node }) => node,
      (row) => row?.orders ?? 0,
    );
  },
};

/** The latest estimated arrival of what is under way or has gone; null while nothing is planned. */
export const arrivalOfOrder: LoaderDefinition<string, Date | null> = {
  batch: async (ids, { em }) => {
    const rows = await em.execute<{ orderId: string; arrival: Date }[]>(
      `select order_id as "orderId", max(estimated_arrival) as arrival from shipment
       where state in ('PLANNED', 'ACKNOWLEDGED', 'SHIPPED')
         and order_id in (select value::uuid from jsonb_array_elements_text(?::jsonb))
       group by order_id`,
      [JSON.stringify(ids)],
    );
    return inKeyOrder(
      ids,
      rows,
      ({ orderId }) => orderId,
      (row) => (row ? new Date(row.arrival) : null),
    );
  },
};
