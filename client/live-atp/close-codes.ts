/** The remedy that a closed socket calls for: another key, another client, or to come back. */
export type Remedy = 'KEY' | 'CLIENT' | 'RETRY';

/** By docs/atp-subscription.md; whatever is not named here may go better next time. */
const remedies: ReadonlyMap<number, Remedy> = new Map([
  [1003, 'CLIENT'],
  [1007, 'CLIENT'],
  [1009, 'CLIENT'],
  [4292, 'KEY'],
  [4400, 'CLIENT'],
  [4401, 'KEY'],
  [4403, 'KEY'],
  [4406, 'CLIENT'],
  [4409, 'CLIENT'],
  [4429, 'CLIENT'],
]);
const GOING_AWAY = 1001;

interface Close {
  code: number;
  reason?: string;
}

function isClose(event: unknown): event is Close {
  return typeof (event as Partial<Close> | null)?.code === 'number';
}

/** Of a close event, or of whatever else ended a socket. */
export function remedyFor(event: unknown): Remedy {
  return (isClose(event) && remedies.get(event.code)) || 'RETRY';
}

/** In how many milliseconds a hub that goes away asks to be come back to: it knows how many its clients are. */
export function advisedMs(event: unknown): number | undefined {
  if (!isClose(event) || event.code !== GOING_AWAY) return undefined;
  try {
    const { retryAfterMs } = JSON.parse(event.reason ?? '') as { retryAfterMs?: unknown };
    return typeof retryAfterMs === 'number' ? retryAfterMs : undefined;
  } catch {
    return undefined; // it has said nothing of the kind
  }
}
