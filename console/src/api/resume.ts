import type { FormattedExecutionResult, SubscribePayload } from 'graphql-ws';
import type { AtpVersionInput, WatchAtpSubscription } from '../gql/graphql.ts';

const isAtp = (data: unknown): data is WatchAtpSubscription =>
  typeof data === 'object' && data !== null && 'atp' in data;

/**
 * Makes an `atp` subscription resumable: graphql-ws writes the payload out again at every reconnect, and by then `variables`
 * names the versions already on the screen, so the hub sends only what moved while the line was down.
 */
export function resumable(request: SubscribePayload) {
  const versions = new Map<string, string>();
  const resume = (): AtpVersionInput[] => [...versions].map(([sku, version]) => ({ sku, version }));
  const payload: SubscribePayload = {
    ...request,
    get variables() {
      return versions.size === 0 ? request.variables : { ...request.variables, resume: resume() };
    },
  };
  const seen = (result: FormattedExecutionResult<Record<string, unknown>, unknown>) => {
    if (isAtp(result.data)) versions.set(result.data.atp.atp.sku.code, result.data.atp.atp.version);
  };
  return { payload, seen };
}
