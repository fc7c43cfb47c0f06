export const SECRET = `whsec_${Buffer.from('a secret for the tests of pushes').toString('base64')}`;

/** Everything is looked at at each read; a page is two rows. */
export function configOf({ url, apiKey }: { url: string; apiKey: string }) {
  return {
    url,
    apiKey,
    channel: 'web',
    pageSize: 2,
    overlapSeconds: 2,
    openClaims: { everySeconds: 0 },
    refunds: { everySeconds: 0 },
    pace: { callsPerSecond: 1_000, retryAfterMs: 5 },
  };
}
