import { Tag } from 'antd';
import { useFormat } from '../i18n/format.ts';
import { useText } from '../i18n/language.tsx';
import type { CustomerView } from './customer.ts';
import { Part } from './Part.tsx';

export function Tickets({ tickets }: { tickets: CustomerView['tickets']['nodes'] }) {
  const t = useText();
  const { day } = useFormat();
  return (
    <Part title={t.caller.tickets} count={tickets.length} empty={t.caller.noTickets}>
      {tickets.map((ticket) => (
        <li key={ticket.id} className="ow-order">
          <div>
            <b>{ticket.subject}</b>
            <Tag color={ticket.status === 'OPEN' ? 'red' : undefined}>
              {t.caller.ticketStatus[ticket.status]}
            </Tag>
          </div>
          <small>
            {ticket.externalId} · {day(ticket.openedAt)}
          </small>
        </li>
      ))}
    </Part>
  );
}

export function Returns({ returns }: { returns: CustomerView['returns']['nodes'] }) {
  const t = useText();
  const { day } = useFormat();
  return (
    <Part title={t.caller.returns} count={returns.length} empty={t.caller.noReturns}>
      {returns.map((one) => (
        <li key={one.id} className="ow-order">
          <div>
            <b>{one.externalId}</b> <Tag>{t.caller.returnStatus[one.status]}</Tag>
          </div>
          <small>{[day(one.requestedAt), one.reason].filter(Boolean).join(' · ')}</small>
        </li>
      ))}
    </Part>
  );
}
