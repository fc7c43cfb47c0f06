import { Button, Empty, Skeleton } from 'antd';
import { useState } from 'react';
import { useQuery } from 'urql';
import { CustomerDocument } from '../gql/graphql.ts';
import { useText } from '../i18n/language.tsx';
import type { Channel } from '../shop/use-channels.ts';
import type { Pop } from './customer.ts';
import { CustomerPanel } from './CustomerPanel.tsx';
import { LateSources } from './Sources.tsx';

interface Props {
  pop: Pop;
  channels: readonly Channel[];
}

/** A shared phone names several people: the hub does not guess which one, and neither does the page. */
function Matches({
  pop,
  chosen,
  choose,
}: {
  pop: Pop;
  chosen: string | undefined;
  choose: (id: string) => void;
}) {
  const t = useText();
  return (
    <fieldset className="ow-matches">
      <legend>{t.caller.several}</legend>
      {pop.matches.map(({ id, displayName }) => (
        <Button
          key={id}
          size="small"
          aria-pressed={id === chosen}
          type={id === chosen ? 'primary' : 'default'}
          onClick={() => choose(id)}
        >
          {displayName ?? t.caller.unnamed}
        </Button>
      ))}
    </fieldset>
  );
}

export function PopResult({ pop, channels }: Props) {
  const t = useText();
  const [picked, pick] = useState<string>();
  const [{ data, fetching }] = useQuery({
    query: CustomerDocument,
    variables: { id: picked ?? '' },
    pause: picked === undefined || picked === pop.customer?.id,
  });
  const shown = picked === undefined || picked === pop.customer?.id ? pop.customer : data?.customer;
  return (
    <>
      <LateSources sources={pop.degradedSources} />
      {pop.matches.length > 1 && <Matches pop={pop} chosen={picked ?? pop.customer?.id} choose={pick} />}
      {fetching && <Skeleton active />}
      {shown && <CustomerPanel customer={shown} channels={channels} tookMs={pop.tookMs} />}
      {!shown && pop.matches.length === 0 && (
        <Empty description={t.caller.nobody} image={Empty.PRESENTED_IMAGE_SIMPLE} />
      )}
    </>
  );
}
