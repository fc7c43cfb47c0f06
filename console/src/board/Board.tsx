import { Button, Empty, Skeleton } from 'antd';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { failureOf } from '../api/failure.ts';
import { SkusDocument } from '../gql/graphql.ts';
import { useText } from '../i18n/language.tsx';
import type { Channel } from '../shop/use-channels.ts';
import { FailureNote } from '../ui/FailureNote.tsx';
import { Announcer } from './Announcer.tsx';
import { ChannelSelect } from './ChannelSelect.tsx';
import { SkuCard, type BoardSku } from './SkuCard.tsx';
import { useLiveBoard } from './use-live-board.ts';

const SHOWN = 12;

interface CardsProps {
  skus: readonly BoardSku[];
  watched: string | undefined;
  reservedOn: string | undefined;
}

function Cards({ skus, watched, reservedOn }: CardsProps) {
  const codes = useMemo(() => skus.map(({ code }) => code), [skus]);
  const titles = useMemo(() => new Map(skus.map(({ code, title }) => [code, title])), [skus]);
  const board = useLiveBoard(codes, watched);
  return (
    <>
      <ul className="ow-cards">
        {skus.map((sku) => (
          <SkuCard key={sku.code} sku={sku} live={board.get(sku.code)} channel={reservedOn} />
        ))}
      </ul>
      <Announcer board={board} titles={titles} />
    </>
  );
}

/** The first SKUs of the shop and what can be promised of each, now and as it changes. */
export function Board({ channels }: { channels: readonly Channel[] }) {
  const t = useText();
  const [channel, choose] = useState<string>();
  const [{ data, error, fetching }, readAgain] = useQuery({
    query: SkusDocument,
    variables: { first: SHOWN },
  });
  return (
    <section aria-labelledby="ow-board" className="ow-panel">
      <div className="ow-panel-head">
        <div>
          <h2 id="ow-board">{t.board.title}</h2>
          <p>{t.board.lead}</p>
        </div>
        <ChannelSelect channels={channels} value={channel} onChange={choose} />
      </div>
      {error && (
        <>
          <FailureNote failure={failureOf(error)} title={t.board.failed} />
          <Button onClick={() => readAgain()}>{t.tryAgain}</Button>
        </>
      )}
      {fetching && !data && <Skeleton active paragraph={{ rows: 8 }} />}
      {data?.skus.nodes.length === 0 && <Empty description={t.board.empty} />}
      {data && data.skus.nodes.length > 0 && (
        // A unit is always sold by a channel: while the whole pool is watched, by the first one.
        <Cards skus={data.skus.nodes} watched={channel} reservedOn={channel ?? channels[0]?.code} />
      )}
    </section>
  );
}
