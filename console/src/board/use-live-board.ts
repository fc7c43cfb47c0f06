import { useEffect, useState } from 'react';
import { watchAtp } from '../../../client/live-atp/index.ts';
import { useSocket } from '../api/ApiProvider.tsx';
import { applyUpdate, EMPTY_BOARD, type LiveBoard } from './live-atp.ts';

/** The numbers of these SKUs as they move, whatever happens to the socket. */
export function useLiveBoard(skus: string[], channel: string | undefined): LiveBoard {
  const socket = useSocket();
  const [board, setBoard] = useState(EMPTY_BOARD);
  const wanted = JSON.stringify(skus);
  useEffect(() => {
    setBoard(EMPTY_BOARD);
    if (skus.length === 0) return undefined;
    return watchAtp(
      socket,
      { skus, channel },
      { onUpdate: (update) => setBoard((before) => applyUpdate(before, update)) },
    );
    // `skus` is another array at every render; what is in it is what counts.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [socket, wanted, channel]);
  return board;
}
