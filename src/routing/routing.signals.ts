import { defineSignal } from '../platform/bus/signals.ts';

/** Ids of decisions that have been carried out. */
export const ordersRouted = defineSignal<readonly string[]>('orders routed');
