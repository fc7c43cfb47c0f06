import { UserOutlined } from '@ant-design/icons';
import { Avatar, Tag } from 'antd';
import { useFormat } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import { nameOf, type Channel } from '../shop/use-channels.ts';
import { channelsOf, type CustomerView } from './customer.ts';
import { Identities } from './Identities.tsx';
import { Orders } from './Orders.tsx';
import { Part } from './Part.tsx';
import { Sources } from './Sources.tsx';
import { Returns, Tickets } from './AfterSales.tsx';

interface Props {
  customer: CustomerView;
  channels: readonly Channel[];
  tookMs: number;
}

export function CustomerPanel({ customer, channels, tookMs }: Props) {
  const t = useText();
  const { number } = useFormat();
  return (
    <article className="ow-customer" data-testid="customer">
      <header className="ow-customer-head">
        <Avatar size={44} icon={<UserOutlined />} />
        <div>
          <h3>{customer.displayName ?? t.caller.unnamed}</h3>
          <small>{t.caller.took(number(Math.max(1, Math.round(tookMs))))}</small>
        </div>
        <div className="ow-customer-channels">
          {channelsOf(customer.orders.nodes).map((code) => (
            <Tag key={code} color="geekblue">
              {nameOf(channels, code)}
            </Tag>
          ))}
        </div>
      </header>
      <Identities identities={customer.identities} channels={channels} />
      <Orders orders={customer.orders.nodes} channels={channels} />
      <Tickets tickets={customer.tickets.nodes} />
      <Returns returns={customer.returns.nodes} />
      {customer.preferences.length > 0 && (
        <Part title={t.caller.preferences}>
          {customer.preferences.map(({ name, value }) => (
            <li key={name}>
              <span>{name}</span> <b>{value}</b>
            </li>
          ))}
        </Part>
      )}
      <Sources sources={customer.sources} />
    </article>
  );
}
