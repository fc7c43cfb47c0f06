import { useFormat } from '../i18n/format.ts';
import type { LiveAtp } from './live-atp.ts';

/** The `key` makes a new element of every version, so the highlight starts anew even when numbers follow fast. */
export function MovingNumber({ live }: { live: LiveAtp }) {
  const { number } = useFormat();
  const { atp, moved } = live;
  return (
    <span key={atp.version} className={moved ? `ow-number ow-${moved}` : 'ow-number'} data-testid="quantity">
      {number(atp.quantity)}
    </span>
  );
}
