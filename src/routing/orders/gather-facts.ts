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
  type LineFacts,
  type NodeFacts,
  type RoutingInput,
} from '../decide/facts/routing-facts.ts';
import type { RoutingRule } from '../decide/rules/rules.ts';
import { readOpenWork } from '../store/open-work-store.ts';
import type { RoutingOverride } from '../store/routing-override-store.ts';

/** Without rules and limits every bound on splits is in the way, too. */
const FALLBACK_MAX_SHIPMENTS = 10;

/** All that a decision looks at, as it is now; a fixed number of statements, whatever the size of order and network. */
export async function gatherFacts(
  em: EntityManager,
  order: LockedOrder,
  { pool, unallocated }: OrderStock & { pool: string },
  instruction: RoutingOverride,
  rules: readonly RoutingRule[],
): Promise<RoutingInput> {
  const codes = unallocated.map(({ sku }) => sku);
  const skus = new Map((await readSkus(em, codes)).map((sku) => [sku.code, sku]));
  const nodes = await readNodes(em, pool);
  const stock = await readUnallocated(em, pool, codes);
  const limits = rules.filter(({ effect }) => effect === 'LIMIT').map(({ name }) => name);
  const work = await readOpenWork(em, order.id, limits);
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
