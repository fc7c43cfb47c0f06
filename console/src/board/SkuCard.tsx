import { LockOutlined } from '@ant-design/icons';
import { Button, Skeleton, Tag } from 'antd';
import type { SkusQuery } from '../gql/graphql.ts';
import { useText } from '../i18n/language.tsx';
import { Equation } from './Equation.tsx';
import { HoldOutcome } from './HoldOutcome.tsx';
import type { LiveAtp } from './live-atp.ts';
import { MovingNumber } from './MovingNumber.tsx';
import { StockBar } from './StockBar.tsx';
import { useHold } from './use-hold.ts';

export type BoardSku = SkusQuery['skus']['nodes'][number];

interface Props {
  sku: BoardSku;
  live: LiveAtp | undefined;
  /** The channel a unit is reserved on. */
  channel: string | undefined;
}

function Details({ live }: { live: LiveAtp }) {
  return (
    <>
      <StockBar atp={live.atp} />
      <Equation atp={live.atp} />
    </>
  );
}

export function SkuCard({ sku, live, channel }: Props) {
  const t = useText();
  const { hold, busy, reserve, confirm, release } = useHold(sku.code);
  const titleId = `ow-sku-${sku.code}`;
  return (
    <li className="ow-card" aria-labelledby={titleId} data-testid="sku" data-sku={sku.code}>
      <div className="ow-card-head">
        <div>
          <h3 id={titleId}>{sku.title}</h3>
          <code>{sku.code}</code>
        </div>
        {sku.temperatureClass !== 'AMBIENT' && (
          <Tag color="cyan">{t.board.temperature[sku.temperatureClass]}</Tag>
        )}
      </div>
      <div className="ow-promise">
        <p>
          {live ? (
            <MovingNumber live={live} />
          ) : (
            <span className="ow-number" aria-label={t.board.waiting}>
              –
            </span>
          )}{' '}
          <span className="ow-units">{t.board.units(live?.atp.quantity ?? 0)}</span>
        </p>
        <Button
          icon={<LockOutlined />}
          aria-label={t.reserve.actionFor(sku.title)}
          loading={busy === 'reserve'}
          disabled={channel === undefined || busy !== undefined}
          onClick={() => channel !== undefined && void reserve(channel)}
        >
          {t.reserve.action}
        </Button>
      </div>
      {live ? <Details live={live} /> : <Skeleton active title={false} paragraph={{ rows: 2 }} />}
      <HoldOutcome
        hold={hold}
        busy={busy}
        onConfirm={(id) => void confirm(id)}
        onRelease={(id) => void release(id)}
      />
    </li>
  );
}
