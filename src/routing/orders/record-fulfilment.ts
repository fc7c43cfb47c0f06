import { readOrderStock, type OrderStock, type StockEngine } from '../../inventory/index.ts';
import { lockOrder, transitionOrder, OrderState, type LockedOrder } from '../../order/index.ts';
import type { Actor } from '../../platform/api/actor.ts';
import type { EntityManager } from '../../platform/database/database.ts';
import { HubError } from '../../platform/errors.ts';
import { unknownError } from '../../platform/unknown-error.ts';
import { claimKey, idempotencyOf, storeReply, type Idempotency } from '../../platform/api/idempotency.ts';
import { isUuid } from '../../platform/database/ids.ts';
import { returnToPaid, unitsLeft } from './return-to-routing.ts';
import { storeOverride } from '../store/routing-override-store.ts';
import { answerShipment, readShipments, type ShipmentRow } from '../store/shipment-store.ts';
import { systemActors } from '../../platform/api/system-actors.ts';

interface Units {
  sku: string;
  quantity: number;
}
type RejectEffect = 'EMPTY' | 'LOWER' | 'DAMAGED' | 'NONE';

export interface FulfilmentReport {
  shipmentId: string;
  answer: 'ACKNOWLEDGED' | 'REJECTED' | 'SHIPPED';
  reason: string | undefined;
  trackingNumber: string | undefined;
  /** All that the node still has of it, when undefined. */
  lines: Units[] | undefined;
}

/** The reply to the call; kept under its key. */
export type FulfilmentReply = { shipmentId: string; notOpen: string | null };

/** A node answers for a planned shipment: it has seen it, cannot do it, or has sent it. */
export class FulfilmentService {
  constructor(
    private readonly em: EntityManager,
    private readonly engine: StockEngine,
    /** Called when units wait for a node again. */
    private readonly onUnrouted: () => void,
    /** Called in the transaction that ships, once the shipment has left. */
    private readonly onShipped: (em: EntityManager, shipment: ShipmentRow) => Promise<void>,
  ) {}

  /**
   * The stock moves first, under keys that follow from the caller's; then shipment, order and reply are written at
   * once. A crash in between is healed by the same call again.
   * @throws HubError UNKNOWN_SHIPMENT, BAD_USER_INPUT, QUANTITY_OUT_OF_RANGE, IDEMPOTENCY_CONFLICT
   */
  async record(
    report: FulfilmentReport,
    call: { actor: Actor; idempotency: Idempotency },
  ): Promise<FulfilmentReply> {
    const effect = report.answer === 'REJECTED' ? await this.effectOf(report.reason) : 'NONE';
    const reply = await this.em.fork().transactional(async (em) => {
      const earlier = await claimKey(em, call.actor, call.idempotency, isFulfilmentReply);
      if (earlier) return earlier;
      const made = await this.take(em, report, effect, call);
      await storeReply(em, call.actor, call.idempotency, made);
      return made;
    });
    if (report.answer !== 'ACKNOWLEDGED') this.onUnrouted();
    return reply;
  }

  private async take(
    em: EntityManager,
    report: FulfilmentReport,
    effect: RejectEffect,
    call: { actor: Actor; idempotency: Idempotency },
  ): Promise<FulfilmentReply> {
    const { shipmentId } = report;
    const [found] = isUuid(shipmentId) ? await readShipments(em, 'id', [shipmentId]) : [];
    if (!found) throw unknownError('UNKNOWN_SHIPMENT', shipmentId);
    const order = (await lockOrder(em, found.orderId))!;
    const [shipment] = await readShipments(em, 'id', [shipmentId]);
    if (!isOpen(shipment!)) return { shipmentId, notOpen: `The shipment is ${shipment!.state}.` };
    const stock = await readOrderStock(em, order);
    const left = unitsLeft(shipment!, stock.atNodes);
    if (left.length === 0) {
      await answerShipment(em, shipmentId, { state: 'CANCELLED', reason: 'called off' });
      await moveOn(em, order);
      return { shipmentId, notOpen: 'The shipment is CANCELLED: its units were called off.' };
    }
    const named = namedUnits(report, left);
    if (report.answer === 'REJECTED')
      await this.reject(em, order, shipment!, { stock, left, named, effect, reason: report.reason! }, call);
    else if (report.answer === 'SHIPPED')
      await this.ship(em, order, shipment!, { stock, left, named, report }, call);
    else await answerShipment(em, shipmentId, { state: 'ACKNOWLEDGED' });
    await moveOn(em, order);
    return { shipmentId, notOpen: null };
  }

  /** The rejected units wait for another node; the rest, if any, stays planned. */
  private async reject(
    em: EntityManager,
    order: LockedOrder,
    shipment: ShipmentRow,
    given: { stock: OrderStock; left: Units[]; named: Units[]; effect: RejectEffect; reason: string },
    call: { actor: Actor; idempotency: Idempotency },
  ): Promise<void> {
    await this.tellEngine('reject', given.stock, shipment, given.named, call, given.effect, given.reason);
    const rest = without(given.left, given.named);
    await answerShipment(
      em,
      shipment.id,
      rest.length === 0
        ? { state: 'REJECTED', reason: given.reason }
        : { state: shipment.state, lines: rest, reason: given.reason },
    );
    await returnToPaid(em, order);
    await storeOverride(em, order.id, {});
  }

  /** Units that were not sent wait for another node. */
  private async ship(
    em: EntityManager,
    order: LockedOrder,
    shipment: ShipmentRow,
    given: { stock: OrderStock; left: Units[]; named: Units[]; report: FulfilmentReport },
    call: { actor: Actor; idempotency: Idempotency },
  ): Promise<void> {
    await this.tellEngine('ship', given.stock, shipment, given.named, call);
    const rest = without(given.left, given.named);
    if (rest.length > 0) {
      await this.tellEngine('reject', given.stock, shipment, rest, call, 'NONE', 'sent fewer than planned');
      await returnToPaid(em, order);
      await storeOverride(em, order.id, {});
    }
    const trackingNumber = given.report.trackingNumber ?? null;
    await answerShipment(em, shipment.id, { state: 'SHIPPED', lines: given.named, trackingNumber });
    await this.onShipped(em, shipment);
  }

  private async tellEngine(
    type: 'ship' | 'reject',
    { reservationIds }: OrderStock,
    { id, node }: ShipmentRow,
    lines: Units[],
    { actor, idempotency: { key, bodyHash, requestId } }: { actor: Actor; idempotency: Idempotency },
    effect: RejectEffect = 'NONE',
    reason = '',
  ): Promise<void> {
    const command =
      type === 'ship'
        ? { type, reservationIds, node, lines }
        : { type, reservationIds, node, lines, effect, reason };
    // Hashed by the body too: another body under the same key must not find the answer of the first.
    const idempotencyKey = `${type} ${id} ${bodyHash.slice(0, 32)}`;
    const idempotency = idempotencyOf('recordFulfilment', { idempotencyKey, key }, requestId);
    await this.engine.fulfil({ command, idempotency, actor: { ...systemActors.routing, name: actor.name } });
  }

  private async effectOf(reason: string | undefined): Promise<RejectEffect> {
    const reasons = await this.em
      .fork()
      .execute<{ code: string; effect: RejectEffect }[]>(
        'select code, effect from reject_reason order by code',
      );
    const found = reasons.find(({ code }) => code === reason);
    if (found) return found.effect;
    const codes = reasons.map(({ code }) => code);
    throw new HubError('BAD_USER_INPUT', `\`reason\` of a rejection must be one of ${codes.join(', ')}.`, {
      reasons: codes,
    });
  }
}

function isFulfilmentReply(stored: { shipmentId?: unknown; notOpen?: unknown }): stored is FulfilmentReply {
  const { shipmentId, notOpen } = stored;
  return typeof shipmentId === 'string' && (notOpen === null || typeof notOpen === 'string');
}

function isOpen({ state }: ShipmentRow): boolean {
  return state === 'PLANNED' || state === 'ACKNOWLEDGED';
}

/** @throws HubError QUANTITY_OUT_OF_RANGE when more is named than the node still has of it */
function namedUnits({ lines }: FulfilmentReport, left: Units[]): Units[] {
  if (lines === undefined) return left;
  const bySku = Map.groupBy(lines, ({ sku }) => sku);
  return [...bySku].map(([sku, some]) => {
    const quantity = some.reduce((sum, line) => sum + line.quantity, 0);
    const there = left.find((line) => line.sku === sku)?.quantity ?? 0;
    if (quantity > there)
      throw new HubError(
        'QUANTITY_OUT_OF_RANGE',
        `The shipment has ${there} units of ${sku}, not ${quantity}.`,
        {
          sku,
        },
      );
    return { sku, quantity };
  });
}

function without(all: Units[], some: Units[]): Units[] {
  return all.flatMap(({ sku, quantity }) => {
    const rest = quantity - (some.find((line) => line.sku === sku)?.quantity ?? 0);
    return rest > 0 ? [{ sku, quantity: rest }] : [];
  });
}

/** The order follows its shipments: acknowledged when all are, shipped when nothing is left to send. */
async function moveOn(em: EntityManager, order: LockedOrder): Promise<void> {
  const shipments = await readShipments(em, 'order_id', [order.id]);
  const isPlanned = shipments.some(({ state }) => state === 'PLANNED');
  const isOpenAnywhere = shipments.some(isOpen);
  const isSent = shipments.some(({ state }) => state === 'SHIPPED');
  if (order.state === OrderState.ROUTED && !isPlanned && (isOpenAnywhere || isSent))
    await transitionOrder(em, order, 'ACKNOWLEDGE');
  if (order.state === OrderState.ACKNOWLEDGED && !isOpenAnywhere && isSent)
    await transitionOrder(em, order, 'SHIP');
}
