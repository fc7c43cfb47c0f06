import type { Client, FormattedExecutionResult, SubscribePayload } from 'graphql-ws';
import { backOffMs } from './back-off.ts';
import { remedyFor } from './close-codes.ts';
import { WatchAtpDocument, type WatchAtpSubscription } from './gql/graphql.ts';
import type { AtpUpdate, Wanted } from './types.ts';
import { Versions } from './versions.ts';

/** An error of the hub; docs/errors.md has the codes. */
export interface HubFailure {
  message: string;
  extensions?: { code?: unknown; retryable?: unknown };
}

export interface Watching {
  /** A number that is newer than the one before, or the first. */
  onUpdate: (update: AtpUpdate) => void;
  /** The hub will not tell of this, now or later, e.g. because a SKU does not exist; nothing more comes. */
  onRefused?: (failures: readonly HubFailure[]) => void;
}

type Result = FormattedExecutionResult<WatchAtpSubscription>;

/**
 * Watches the promise of SKUs over a socket of `createLiveSocket`, whatever happens to the socket or the hub: it comes
 * back with the versions told last, so that it is sent only what has moved since.
 * @returns what ends it
 */
export function watchAtp(
  socket: Pick<Client, 'subscribe'>,
  { skus, channel }: Wanted,
  { onUpdate, onRefused }: Watching,
): () => void {
  const versions = new Versions();
  const payload: SubscribePayload = {
    query: WatchAtpDocument.toString(),
    operationName: 'WatchAtp',
    // graphql-ws writes the payload out again whenever it has reconnected.
    get variables() {
      return { skus, channel, resume: versions.resume() };
    },
  };
  let attempt = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  let unsubscribe: (() => void) | undefined;

  const again = () => {
    if (!stopped) waiting = setTimeout(begin, backOffMs(attempt++));
  };
  const fail = (failures: readonly HubFailure[]) => {
    if (stopped) return;
    if (failures.every(({ extensions }) => extensions?.retryable === true)) return again();
    stopped = true;
    onRefused?.(failures);
  };
  const take = ({ data, errors }: Result) => {
    // Without data it is the subscription that failed; `complete` follows.
    if (!data) return (failed = errors ?? []);
    attempt = 0;
    if (!stopped && versions.isNews(data.atp)) onUpdate(data.atp);
    return undefined;
  };
  let failed: readonly HubFailure[] | undefined;
  const begin = () => {
    failed = undefined;
    unsubscribe = socket.subscribe<WatchAtpSubscription>(payload, {
      next: (result) => void take(result as Result),
      error: (error) => {
        if (Array.isArray(error)) return fail(error as HubFailure[]);
        if (remedyFor(error) === 'RETRY') return again();
        return fail([{ message: `The socket was closed: ${reasonOf(error)}` }]);
      },
      complete: () => (failed ? fail(failed) : again()),
    });
  };
  begin();
  return () => {
    stopped = true;
    clearTimeout(waiting);
    unsubscribe?.();
  };
}

function reasonOf(event: unknown): string {
  const { code, reason } = event as { code?: number; reason?: string };
  return `${code} ${reason ?? ''}`.trim();
}
