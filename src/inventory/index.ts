/** What other domains, and the composition root, may use of inventory. */
export { Channel, FulfilmentNode, NodeKind, Pool, Sku, TemperatureClass } from './catalogue.entities.ts';
export { existingSku, nodeByCode, skuByCode } from './catalogue.loaders.ts';
export { inventoryMigrations } from './inventory.migrations.ts';
export { reservationsByOrder, type OrderReference } from './read-reservation.ts';
export { readNodes, readSkus, readUnallocated } from './node-stock.ts';
export { readOrderStock, type OrderStock } from './order-stock.ts';
export { takeOrderStock, type OrderToTake } from './take-order-stock.ts';
export { CHANNEL_OVERSOLD, channelOversoldActions } from './channel-oversold.ts';
export { Reservation } from './reservation.types.ts';
export type { AllocateOutcome, NodeAnswerOutcome } from './engine/command.ts';
export { PromiseEngine } from './promise-engine.ts';
export { PlanKeeper } from './plan-keeper.ts';
export { GroupCommit } from './engine/group-commit.ts';
export { QuotaRebalancer } from './quota-rebalancer.ts';
export { AtpAudiences } from './live/atp-audiences.ts';
export { onStockChange } from './live/stock-changes.ts';
export { AtpFeed } from './live/atp-feed.ts';
export { promiseSource } from './live/promise-source.ts';
export { KnownPlaces } from './live/known-places.ts';
export type { LiveUpdate } from './live/subscriber.ts';
export { balanceKey, type StockPlace } from './engine/locked-rows.ts';
export { readPromises, type PromiseReading } from './read-promise.ts';
export { readEscrow, skusInEscrow, type Escrow } from './read-escrow.ts';
export { promiseNumbers, readPoolChannels, type PoolChannel } from './promise-numbers.ts';
export { HoldReclaimer } from './hold-reclaimer.ts';
export { auditStock, type StockAudit } from './audit.ts';
export { auditChanged } from './audit-changed.ts';
export { addLedgerMonths, detachLedgerMonth, ledgerMonths } from './ledger.ts';
export { intakeRefunds } from './take-refunds.ts';
export { ensureChannels, intakeInbound, intakeNodes, intakeSkus, intakeStockCounts } from './intake.ts';
export { PROMISE_BREACH, promiseBreachActions } from './promise-breach.ts';
export { readLineFacts, readOrderQuantities } from './order-quantities.ts';

import { Channel, FulfilmentNode, Pool, Sku } from './catalogue.entities.ts';
import { StockLevelRow } from './stock-level.ts';
import { AvailableToPromiseResolver, SkuPromiseResolver } from './atp.resolver.ts';
import { StockAuditResolver } from './audit.resolver.ts';
import { SkuResolver, StockLevelResolver } from './catalogue.resolver.ts';
import type { PromiseEngine } from './promise-engine.ts';
import { ReservationLineResolver, ReservationResolver } from './reservation.resolver.ts';
import type { StockPlace } from './engine/locked-rows.ts';
import { PlanResolver } from './plan.resolver.ts';
import { QuotaResolver } from './quota.resolver.ts';
import { StockPolicyResolver } from './stock-policy.resolver.ts';
import type { LinesOfOrders } from './refund-lines.ts';
import { RefundResolver } from './refund.resolver.ts';
import { RestockResolver, type ShippedQuantities } from './restock.resolver.ts';

export const inventoryEntities = [Channel, FulfilmentNode, Pool, Sku, StockLevelRow];

export const inventoryResolvers = [
  SkuResolver,
  StockLevelResolver,
  AvailableToPromiseResolver,
  SkuPromiseResolver,
  ReservationResolver,
  ReservationLineResolver,
  RestockResolver,
  RefundResolver,
  QuotaResolver,
  PlanResolver,
  StockPolicyResolver,
  StockAuditResolver,
];

/** The resolvers with their collaborators. */
export function createInventoryResolvers(
  engine: PromiseEngine,
  orders: { shippedQuantities: ShippedQuantities; linesOfOrders: LinesOfOrders },
  onQuotas: (places: StockPlace[]) => void,
): object[] {
  return [
    new SkuResolver(),
    new StockLevelResolver(),
    new AvailableToPromiseResolver(),
    new SkuPromiseResolver(),
    new ReservationResolver(engine),
    new ReservationLineResolver(),
    new RestockResolver(engine, orders.shippedQuantities),
    new QuotaResolver(onQuotas),
    new PlanResolver(engine),
    new StockPolicyResolver(onQuotas),
    new RefundResolver(engine, orders.linesOfOrders),
    new StockAuditResolver(),
  ];
}
