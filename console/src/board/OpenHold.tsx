import { Button, Space } from 'antd';
import { useFormat, formatCountdown } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import { useSecondsLeft } from './use-seconds-left.ts';

interface Props {
  expiresAt: string | null | undefined;
  busy: string | undefined;
  onConfirm: () => void;
  onRelease: () => void;
}

/** A hold that still runs: how long, and the two ways to end it. */
export function OpenHold({ expiresAt, busy, onConfirm, onRelease }: Props) {
  const t = useText();
  const format = useFormat();
  const left = useSecondsLeft(expiresAt);
  if (left === 0) return <span>{t.reserve.expired}</span>;
  return (
    <div className="ow-hold-open">
      <span>
        {expiresAt ? t.reserve.until(format.time(expiresAt)) : t.reserve.forever}
        {/* Not read out: a live region that ticks every second would say nothing else. */}
        {left !== undefined && (
          <small className="ow-left" aria-hidden="true">
            {t.reserve.left(formatCountdown(left))}
          </small>
        )}
      </span>
      <Space size="small">
        <Button
          size="small"
          type="primary"
          loading={busy === 'confirm'}
          disabled={busy !== undefined}
          onClick={onConfirm}
        >
          {t.reserve.confirm}
        </Button>
        <Button size="small" loading={busy === 'release'} disabled={busy !== undefined} onClick={onRelease}>
          {t.reserve.release}
        </Button>
      </Space>
    </div>
  );
}
