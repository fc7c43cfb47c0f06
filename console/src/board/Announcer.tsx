import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useText } from '../i18n/language.tsx';
import type { LiveBoard } from './live-atp.ts';

const QUIET_MS = 1_500;

interface Props {
  board: LiveBoard;
  titles: ReadonlyMap<string, string>;
}

/**
 * One polite live region for the whole board. A region a number would read out every step of a flash sale; this one says
 * where the numbers stand once they have moved, at most every second and a half.
 */
export function Announcer({ board, titles }: Props) {
  const t = useText();
  const [said, setSaid] = useState('');
  const pending = useRef(new Map<string, number>());
  const last = useRef(new Map<string, string>());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const say = useEffectEvent(() => {
    timer.current = undefined;
    setSaid(
      [...pending.current]
        .map(([code, quantity]) => t.board.moved(titles.get(code) ?? code, quantity))
        .join('. '),
    );
    pending.current.clear();
  });
  useEffect(() => {
    for (const [code, { atp, moved }] of board) {
      if (moved !== undefined && last.current.get(code) !== atp.version)
        pending.current.set(code, atp.quantity);
      last.current.set(code, atp.version);
    }
    if (pending.current.size > 0) timer.current ??= setTimeout(() => say(), QUIET_MS);
  }, [board]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div role="status" aria-live="polite" className="ow-unseen">
      {said}
    </div>
  );
}
