import type { SocketState } from '../../../client/live-atp/index.ts';

const listeners = new Set<() => void>();
let state: SocketState = 'connecting';

export const currentConnection = () => state;

export function setConnection(next: SocketState) {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

export function onConnectionChange(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
