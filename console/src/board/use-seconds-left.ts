import { useEffect, useState } from 'react';

const secondsUntil = (iso: string) => Math.max(0, Math.ceil((Date.parse(iso) - Date.now()) / 1_000));

/** Counts down to an instant and stops at nought; undefined where there is no such instant. */
export function useSecondsLeft(until: string | null | undefined) {
  const [, tick] = useState(0);
  const left = until ? secondsUntil(until) : undefined;
  useEffect(() => {
    if (!until) return undefined;
    const timer = setInterval(() => {
      tick((count) => count + 1);
      if (secondsUntil(until) === 0) clearInterval(timer);
    }, 1_000);
    return () => clearInterval(timer);
  }, [until]);
  return left;
}
