import type { Atp } from './live-atp.ts';

/** The stock on hand as one bar: what can be promised, then what each deduction takes. The equation says it in words. */
export function StockBar({ atp }: { atp: Atp }) {
  const taken = atp.terms.filter(({ quantity }) => quantity < 0);
  const whole = atp.quantity + taken.reduce((sum, { quantity }) => sum - quantity, 0);
  const width = (part: number) => ({ width: `${whole === 0 ? 0 : (100 * part) / whole}%` });
  return (
    <div className="ow-bar" aria-hidden="true">
      <span className="ow-bar-free" style={width(atp.quantity)} />
      {taken.map(({ kind, quantity }) => (
        <span key={kind} className={`ow-term-${kind.toLowerCase()}`} style={width(-quantity)} />
      ))}
    </div>
  );
}
