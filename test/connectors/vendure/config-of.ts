/** Everything is looked at at each read; a page is two rows. */
export function configOf({ url, apiKey }: { url: string; apiKey: string }) {
  return {
    url,
    apiKey,
    channel: 'web',
    pageSize: 2,
    overlapSeconds: 2,
    openOrders: { everySeconds: 0 },
    refunds: { everySeconds: 0 },
    pace: { callsPerSecond: 1_000, retryAfterMs: 5 },
  };
}
