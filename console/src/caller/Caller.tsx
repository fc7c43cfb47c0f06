import { PhoneOutlined } from '@ant-design/icons';
import { Button, Input, Skeleton } from 'antd';
import { useState, type FormEvent } from 'react';
import { useQuery } from 'urql';
import { failureOf } from '../api/failure.ts';
import { ScreenPopDocument } from '../gql/graphql.ts';
import { useText } from '../i18n/language.tsx';
import type { Channel } from '../shop/use-channels.ts';
import { FailureNote } from '../ui/FailureNote.tsx';
import { PopResult } from './PopResult.tsx';

/** A customer of the sample shop who buys on more than one channel. */
const SAMPLE_PHONE = '13800138000';

export function Caller({ channels }: { channels: readonly Channel[] }) {
  const t = useText();
  const [typed, setTyped] = useState(SAMPLE_PHONE);
  const [phone, setPhone] = useState('');
  const [{ data, error, fetching }, askAgain] = useQuery({
    query: ScreenPopDocument,
    variables: { phone },
    pause: phone === '',
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = typed.trim();
    if (wanted === phone) askAgain();
    else setPhone(wanted);
  };
  return (
    <section aria-labelledby="ow-caller" className="ow-panel">
      <div className="ow-panel-head">
        <div>
          <h2 id="ow-caller">{t.caller.title}</h2>
          <p>{t.caller.lead}</p>
        </div>
      </div>
      <form className="ow-phone" onSubmit={submit} role="search" aria-labelledby="ow-caller">
        <label htmlFor="ow-phone" className="ow-unseen">
          {t.caller.phone}
        </label>
        <Input
          id="ow-phone"
          type="tel"
          inputMode="tel"
          autoComplete="off"
          prefix={<PhoneOutlined />}
          placeholder={SAMPLE_PHONE}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="primary" htmlType="submit" loading={fetching} disabled={typed.trim() === ''}>
          {t.caller.look}
        </Button>
      </form>
      <div aria-live="polite" aria-busy={fetching} data-testid="caller">
        {error && <FailureNote failure={failureOf(error)} title={t.caller.failed} />}
        {fetching && !data && <Skeleton active paragraph={{ rows: 5 }} />}
        {data && !error && phone !== '' && (
          <PopResult key={data.screenPop.id} pop={data.screenPop} channels={channels} />
        )}
      </div>
    </section>
  );
}
