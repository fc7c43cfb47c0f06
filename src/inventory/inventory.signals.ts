import { defineSignal } from '../platform/bus/signals.ts';
import type { BalanceKey } from './model/balance-key.ts';

/** Numbers of these places may have moved; empty where a command has changed no number. */
export const stockChanged = defineSignal<readonly BalanceKey[]>('stock changed');
