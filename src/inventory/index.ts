/** Exports of inventory for other domains and the composition root. */
export { FulfilmentNode, Sku } from './catalogue/catalogue.entities.ts';
export { existingSku, nodeByCode } from './catalogue/catalogue.loaders.ts';
export { reservationsByOrder, type OrderReference } from './reservations/read-reservation.ts';
export { readNodes, readSkus, readUnallocated } from './catalogue/read-node-stock.ts';
export { readOrderStock, type OrderStock } from './reservations/read-order-stock.ts';
export { applyOrderToStock, type OrderStockEvent } from './reservations/apply-order-to-stock.ts';
export { Reservation } from './reservations/reservation.types.ts';
export type { AllocateOutcome, NodeAnswerOutcome } from './engine/command.ts';
export { StockEngine } from './engine/stock-engine.ts';
export { GroupCommit } from './engine/commit/group-commit.ts';
export { AtpFeed } from './availability/live/atp-feed.ts';
export { availabilitySource } from './availability/live/availability-source.ts';
export type { LiveUpdate } from './availability/live/latest-value-queue.ts';
export type { BalanceKey } from './model/balance-key.ts';
export { balanceKeyString } from './model/balance-key.ts';
export { readAtp, type AtpReading } from './availability/read-availability.ts';
export {
  channelAvailability,
  readPoolChannels,
  type PoolChannel,
} from './availability/channel-availability.ts';
export { expiredHoldJob } from './reservations/expired-hold.job.ts';
export { type StockAudit } from './ledger/audit-stock.ts';
export { auditChanged } from './ledger/incremental-audit.ts';
export { addLedgerMonths, detachLedgerMonth, ledgerMonths } from './ledger/ledger-partitions.ts';
export { retireLedgerMonths } from './ledger/retire-ledger-months.ts';
export { deleteEndedReservations } from './reservations/delete-ended-reservations.ts';
export { ensureChannels, importSkus } from './catalogue/import-catalogue.ts';
export { readLineFacts, readOrderQuantities } from './reservations/read-order-quantities.ts';
export { stockChanged } from './inventory.signals.ts';
export type { InventoryServices } from './inventory.module.ts';
