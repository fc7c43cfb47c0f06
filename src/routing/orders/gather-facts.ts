import {
  readNodes,
  readSkus,
  readUnallocated,
  type FulfilmentNode,
  type OrderStock,
  type Sku,
} from '../../inventory/index.ts';
import type { LockedOrder } from '../../order/index.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { readCarrierServices } from '../store/carrier-service-store.ts';
import {
  defaultPolicy,
  type LimitFacts,
  type LineFacts,
  type NodeFacts,
  type RoutingInput,
} from '../decide/facts/routing-facts.ts';
import type { RoutingOverride } from '../store/routing-override-store.ts';

/** Without rules and limits every bound on splits is in the way, too. */
const FALLBACK_MAX_SHIPMENTS = 10;

/** All that a decision looks at, as it is now; a fixed number of statements, whatever the size of order and network. */
export async function gatherFacts(
  em: EntityManager,
  order: LockedOrder,
  { pool, unallocated }: OrderStock & { pool: string },
  instruction: RoutingOverride,
): Promise<RoutingInput> {
  const codes = unallocated.map(({ sku }) => sku);
  const skus = new Map((await readSkus(em, codes)).map((sku) => [sku.code, sku]));
  const nodes = await readNodes(em, pool);
  const stock = await readUnallocated(em, pool, codes);
  const work = await readOpenWork(em, order.id);
  const carrierServices = await readCarrierServices(em);
  const isFallback = instruction.mode === 'FALLBACK';
  const asFacts = nodes.map((node) => nodeFacts(node, work.openOrders.get(node.code) ?? 0));
  const { shipTo } = order;
  return {
    now: order.now,
    order: {
      id: order.id,
      channel: order.channel,
      placedAt: order.placedAt,
      promisedBy: order.promisedBy,
      valueMinor: order.totalMinor,
      currency: order.currency,
      priority: order.priority,
      deliveryMethod: order.deliveryMethod,
      destination: {
        province: shipTo?.province ?? '',
        city: shipTo?.city ?? '',
        ...(shipTo?.district === undefined ? {} : { district: shipTo.district }),
        ...(shipTo?.latitude === undefined ? {} : { latitude: shipTo.latitude }),
        ...(shipTo?.longitude === undefined ? {} : { longitude: shipTo.longitude }),
      },
      ...(order.brand === null ? {} : { brand: order.brand }),
      ...(work.rejectedBy.length > 0 ? { rejectedBy: work.rejectedBy } : {}),
      ...(instruction.onlyNodes ? { onlyNodes: instruction.onlyNodes } : {}),
      lines: unallocated.map(({ sku, quantity }) => lineFacts(skus.get(sku)!, quantity)),
    },
    nodes: isFallback ? fallbacksOf(asFacts) : asFacts,
    stock,
    carrierServices,
    limitUse: isFallback ? [] : work.limitUse,
    policy: isFallback ? { ...defaultPolicy, maxShipments: FALLBACK_MAX_SHIPMENTS } : { ...defaultPolicy },
  };
}

function lineFacts(sku: Sku, quantity: number): LineFacts {
  return {
    sku: sku.code,
    quantity,
    weightGrams: sku.weightGrams ?? 0,
    lengthMm: sku.lengthMm ?? 0,
    widthMm: sku.widthMm ?? 0,
    heightMm: sku.heightMm ?? 0,
    temperatureClass: sku.temperatureClass,
  };
}

function nodeFacts(node: FulfilmentNode, openOrders: number): NodeFacts {
  return {
    code: node.code,
    kind: node.kind,
    city: node.city,
    province: node.province ?? '',
    ...(node.latitude === null || node.longitude === null
      ? {}
      : { latitude: node.latitude, longitude: node.longitude }),
    pool: node.pool,
    capabilities: {
      temperatureClasses: node.temperatureClasses,
      pickup: node.pickup,
      delivery: node.delivery,
      heavyCargo: node.heavyCargo,
    },
    dailyCapacity: node.dailyCapacity,
    openOrders,
    calendar: {
      timeZone: node.timeZone,
      workingWeekdays: node.workingWeekdays,
      holidays: node.holidays,
      extraWorkdays: node.extraWorkdays,
      cutOff: node.cutOff,
    },
    fallbackNode: node.fallbackNode,
    breaker: 'CLOSED', // measured breakers come with node scores
    handlingCostMinor: node.handlingCostMinor,
  };
}

/** The nodes that others name as their fallback, whatever they have to do. */
function fallbacksOf(nodes: NodeFacts[]): NodeFacts[] {
  const named = new Set(nodes.map(({ fallbackNode }) => fallbackNode));
  return nodes.filter(({ code }) => named.has(code)).map((node) => ({ ...node, dailyCapacity: null }));
}

interface OpenWork {
  openOrders: ReadonlyMap<string, number>;
  limitUse: LimitFacts[];
  /** Nodes that have rejected a shipment of the order, or have not answered it. */
  rejectedBy: string[];
}

async function readOpenWork(em: EntityManager, orderId: string): Promise<OpenWork> {
  const [row] = await em.execute<
    { open: { node: string; orders: number }[]; limits: LimitFacts[]; rejected: string[] }[]
  >(
    `with open as materialized (
       select node, order_id, counts_towards from shipment where state in ('PLANNED', 'ACKNOWLEDGED')
     )
     select
       (select coalesce(jsonb_agg(o order by node), '[]')
        from (select node, count(distinct order_id) as orders from open group by node) o) as open,
       (select coalesce(jsonb_agg(l order by rule, node), '[]')
        from (select rule, node, count(distinct order_id) as "openOrders"
              from open, unnest(counts_towards) as rule group by rule, node) l) as limits,
       (select coalesce(jsonb_agg(distinct node), '[]') from shipment
        where order_id = ? and state in ('REJECTED', 'UNANSWERED')) as rejected`,
    [orderId],
  );
  return {
    openOrders: new Map(row!.open.map(({ node, orders }) => [node, orders])),
    limitUse: row!.limits,
    rejectedBy: row!.rejected,
  };
}
