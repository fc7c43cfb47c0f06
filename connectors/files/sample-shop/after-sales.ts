import type { SampleOrder } from './orders.ts';
import type { Random } from './prng.ts';

const HOUR_MS = 3_600_000;
const SUBJECTS = [
  '物流怎么还没更新',
  '尺码偏小想换货',
  '什么时候发货',
  '包装破损',
  '发票开错抬头',
  '少发了一件',
];

/** One line of `tickets.jsonl`: a help desk's export. Instants are Unix seconds there, as in many help desks. */
export function ticketLine(id: number, order: SampleOrder, anchorMs: number, random: Random): string {
  const openedMs = Math.min(order.placedAtMs + random.integer(2, 90) * HOUR_MS, anchorMs - HOUR_MS);
  const isCallers = order.person.index === 0;
  return JSON.stringify({
    ticket_id: 700_000 + id,
    title: isCallers ? '卫衣什么时候能到？' : random.pick(SUBJECTS),
    status: isCallers ? 'open' : random.pick(['open', 'waiting_customer', 'resolved', 'resolved', 'closed']),
    created: Math.floor(openedMs / 1000),
    source: order.channel,
    order_no: order.externalId,
    customer: { name: order.person.name, phone: order.person.phone, email: order.person.email },
  });
}

/** One line of `returns.jsonl`. Instants are ISO 8601 with the Beijing offset. */
export function returnLine(id: number, order: SampleOrder, anchorMs: number, random: Random): string {
  const [line] = order.lines;
  const requestedMs = Math.min(order.placedAtMs + random.integer(130, 200) * HOUR_MS, anchorMs - HOUR_MS);
  const requestedAt = new Date(requestedMs + 8 * HOUR_MS).toISOString().replace('.000Z', '+08:00');
  return JSON.stringify({
    return_no: `RT${String(id + 1).padStart(6, '0')}`,
    channel: order.channel,
    order_no: order.externalId,
    status:
      order.person.index === 0 ? '待审核' : random.pick(['待审核', '待收货', '已收货', '已退款', '已拒绝']),
    requested_at: requestedAt,
    reason: random.pick(['尺码不合适', '与描述不符', '不喜欢', '质量问题']),
    items: [{ order_line: line?.externalId, qty: 1 }],
  });
}
