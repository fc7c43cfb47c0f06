import { CheckCircleFilled, ClockCircleFilled, MinusCircleFilled, UndoOutlined } from '@ant-design/icons';
import { useFormat } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import { FailureNote } from '../ui/FailureNote.tsx';
import { Outcome } from '../ui/Outcome.tsx';
import type { Hold } from './hold.ts';
import { OpenHold } from './OpenHold.tsx';

interface Props {
  hold: Hold;
  busy: string | undefined;
  onConfirm: (id: string) => void;
  onRelease: (id: string) => void;
}

/** Every outcome the contract names has its own words; none is an exception. */
function ResultOf({ hold, busy, onConfirm, onRelease }: Props) {
  const t = useText();
  const { day } = useFormat();
  switch (hold.at) {
    case 'none':
      return null;
    case 'held': {
      const open = (
        <OpenHold
          expiresAt={hold.expiresAt}
          busy={busy}
          onConfirm={() => onConfirm(hold.id)}
          onRelease={() => onRelease(hold.id)}
        />
      );
      return (
        <>
          <Outcome tone="held" icon={<ClockCircleFilled />}>
            {open}
          </Outcome>
          {hold.failure && <FailureNote failure={hold.failure} title={t.reserve.failed} />}
        </>
      );
    }
    case 'insufficient': {
      const { available = 0, availableOn } = hold.shortage ?? {};
      const later = availableOn ? t.reserve.availableOn(day(availableOn)) : '';
      return (
        <Outcome
          tone="short"
          icon={<MinusCircleFilled />}
        >{`${t.reserve.insufficient(available)}${later}`}</Outcome>
      );
    }
    case 'confirmed':
      return (
        <Outcome tone="done" icon={<CheckCircleFilled />}>
          {t.reserve.confirmed}
        </Outcome>
      );
    case 'released':
      return (
        <Outcome tone="quiet" icon={<UndoOutlined />}>
          {t.reserve.released}
        </Outcome>
      );
    case 'closed':
      return (
        <Outcome tone="short" icon={<MinusCircleFilled />}>
          {t.reserve.notOpen(hold.state)}
        </Outcome>
      );
    case 'failed':
      return <FailureNote failure={hold.failure} title={t.reserve.failed} />;
  }
}

export function HoldOutcome(props: Props) {
  return (
    <div role="status" aria-live="polite" data-testid="outcome">
      <ResultOf {...props} />
    </div>
  );
}
