import { useEffect, useState } from 'react';
import { useSubscription } from 'urql';
import { backoffMs } from '../api/backoff.ts';
import { WatchAtpDocument, type WatchAtpSubscription } from '../gql/graphql.ts';
import { applyUpdate, EMPTY_BOARD, type LiveBoard } from './live-atp.ts';

const fold = (board: LiveBoard = EMPTY_BOARD, data: WatchAtpSubscription) => applyUpdate(board, data.atp);

/**
 * The numbers of these SKUs as they move. The socket comes back by itself; an error of the subscription itself (the hub was
 * not ready yet, an overload) ends it for urql, so it is begun again here, later and later.
 */
export function useLiveBoard(skus: string[], channel: string | undefined): LiveBoard {
  const [{ data, error }, begin] = useSubscription(
    { query: WatchAtpDocument, variables: { skus, channel }, pause: skus.length === 0 },
    fold,
  );
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (error === undefined) return undefined;
    const again = setTimeout(() => {
      setAttempt(attempt + 1);
      begin();
    }, backoffMs(attempt));
    return () => clearTimeout(again);
    // One wait an error: `begin` is another function at every render, and `attempt` moves only here.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [error]);
  return data ?? EMPTY_BOARD;
}
