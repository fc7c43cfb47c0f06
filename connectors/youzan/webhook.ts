import {
  eventSign,
  mustBeSigned,
  parseExactJson,
  PushRefused,
  type PushAnswer,
  type PushHint,
  type RawPush,
} from '../spi/index.ts';
import type { YouzanConfig } from './config.ts';

/** Within 5 seconds the answer must contain "success", or the message is pushed again (doc.youzanyun.com, 7634). */
const TAKEN = { status: 200, contentType: 'application/json', body: '{"code":0,"msg":"success"}' };

interface Message {
  /** Of trades, as a rule the order's. */
  id?: string;
  /** e.g. `trade_TradeBuyerPay`, `youzan_trade_RefundSuccess`. */
  type?: string;
  kdt_id?: number | string;
  msg_id?: string;
  /** JSON, which is URL-encoded in most types. */
  msg?: string | Told;
}

interface Told {
  tid?: string;
  full_order_info?: { order_info?: { tid?: string } };
}

/**
 * Verifies `Event-Sign` and says which order the message is about. Messages come twice and in any order. One of another
 * shop that has granted the app, or about something else than trades, hints at nothing.
 * @throws PushRefused
 */
export function receivePush(
  { headers, body }: RawPush,
  { clientId, clientSecret, kdtId }: YouzanConfig,
  stream: string,
): PushAnswer {
  const expected = eventSign(clientId, body, clientSecret);
  mustBeSigned('Event-Sign', headers['event-sign']?.toLowerCase(), expected);
  const message = parseExactJson('The push', Buffer.from(body).toString()) as Message;
  const isOurs = String(message.kdt_id) === kdtId && /^(youzan_)?trade_/.test(message.type ?? '');
  return { hints: isOurs ? [hintOf(message, stream)] : [], reply: TAKEN };
}

/** A message about a trade that names no order makes the stream be read on from its cursor. */
function hintOf({ id, msg, msg_id }: Message, stream: string): PushHint {
  const told = typeof msg === 'string' ? decoded(msg) : msg;
  const tid = told?.tid ?? told?.full_order_info?.order_info?.tid ?? id;
  const isOrder = tid !== undefined && /^E\d+$/.test(tid);
  return { pushId: msg_id ?? null, stream, recordIds: isOrder ? [tid] : [] };
}

function decoded(msg: string): Told {
  try {
    return parseExactJson('The push', decodeURIComponent(msg)) as Told;
  } catch {
    throw new PushRefused('msg is no URL-encoded JSON.');
  }
}
