import { defineSignal } from '../platform/bus/signals.ts';

/** A page of orders was taken in: some may wait for a node. */
export const ordersImported = defineSignal<void>('orders imported');
