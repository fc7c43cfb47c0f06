import { Tag } from 'antd';
import type { OrderState } from '../gql/graphql.ts';
import { useFormat } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import { nameOf, type Channel } from '../shop/use-channels.ts';
import type { CustomerOrder } from './customer.ts';
import { Part } from './Part.tsx';

/** Colour only where someone may have to act; the word says it as well. */
const TONES: Partial<Record<OrderState, string>> = {
  HELD_FOR_REVIEW: 'gold',
  UNROUTABLE: 'red',
  SHIPPED: 'blue',
  DELIVERED: 'green',
  RETURNING: 'orange',
};

function OrderRow({ order, channel }: { order: CustomerOrder; channel: string }) {
  const t = useText();
  const format = useFormat();
  return (
    <li className="ow-order">
      <div>
        <b>{order.externalId}</b> <Tag color={TONES[order.state]}>{t.caller.orderState[order.state]}</Tag>
        <b className="ow-money">{format.money(order.total)}</b>
      </div>
      <small>
        {channel} · {format.day(order.placedAt)}
      </small>
      <small>{order.lines.map((line) => `${line.sku.title} × ${line.quantity}`).join(', ')}</small>
    </li>
  );
}

export function Orders({
  orders,
  channels,
}: {
  orders: readonly CustomerOrder[];
  channels: readonly Channel[];
}) {
  const t = useText();
  return (
    <Part title={t.caller.orders} count={orders.length} empty={t.caller.noOrders}>
      {orders.map((order) => (
        <OrderRow key={order.id} order={order} channel={nameOf(channels, order.channel)} />
      ))}
    </Part>
  );
}
