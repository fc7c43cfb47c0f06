/** State of the one socket, as the page shows it. */
export type ConnectionState = 'connecting' | 'live' | 'reconnecting';

const listeners = new Set<() => void>();
let state: ConnectionState = 'connecting';

export const currentConnection = () => state;

export function setConnection(next: ConnectionState) {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

export function onConnectionChange(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
