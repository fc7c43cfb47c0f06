import { createHmac } from 'node:crypto';

/** The parts of a call that its signature covers. */
export interface SignedCall {
  appKey: string;
  method: string;
  /** Exactly as it is sent: keys sorted. */
  paramJson: string;
  timestamp: string;
}

/** HMAC-SHA256 of the parts between two secrets, keyed with the secret; lower-case hex (source-systems.md §4, Signatures). */
export function douyinSign({ appKey, method, paramJson, timestamp }: SignedCall, secret: string): string {
  const parts = ['app_key', appKey, 'method', method, 'param_json', paramJson, 'timestamp', timestamp, 'v2'];
  return createHmac('sha256', secret)
    .update([secret, ...parts, secret].join(''))
    .digest('hex');
}

/** JSON with the keys sorted at every depth, as the sign wants it. */
export function sortedJson(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
