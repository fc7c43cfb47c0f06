import { defineSignal } from '../platform/bus/signals.ts';

/** Ids of tasks that were opened, or that nobody has decided in time. */
export const tasksOpened = defineSignal<readonly string[]>('review tasks opened');
