import { WarningOutlined } from '@ant-design/icons';
import { useFormat } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import { shownTerms, sumOfTerms, type Atp } from './live-atp.ts';

/** The signed terms and their sum, so that anyone can check the number. */
export function Equation({ atp }: { atp: Atp }) {
  const t = useText();
  const { number, signed } = useFormat();
  const sum = sumOfTerms(atp.terms);
  return (
    <ul className="ow-equation" data-testid="terms">
      {shownTerms(atp.terms).map(({ kind, quantity }) => (
        <li key={kind} className={`ow-term ow-term-${kind.toLowerCase()}`} data-quantity={quantity}>
          <b>{kind === 'ON_HAND' ? number(quantity) : signed(quantity)}</b> {t.board.terms[kind]}
        </li>
      ))}
      <li className="ow-sum">= {number(sum)}</li>
      {sum !== atp.quantity && (
        <li className="ow-wrong">
          <WarningOutlined /> {t.board.noSum}
        </li>
      )}
    </ul>
  );
}
