import {
  eventSign,
  mustBeSigned,
  parseExactJson,
  PushRefused,
  type PushAnswer,
  type PushHint,
  type RawPush,
} from '../spi/index.ts';
import type { DouyinConfig } from './config.ts';

/** The answer that the platform expects; from memory, not verified. */
const TAKEN = { status: 200, contentType: 'application/json', body: '{"code":0,"msg":"success"}' };

interface Message {
  msg_id?: string | number;
  /** An object, or a text with its JSON. */
  data?: unknown;
}

/**
 * A push is a list of messages, signed by `event-sign` for the app in `app-id`. Messages come twice and in any order. That
 * `data.p_id` is the order is not verified: a message without it makes the stream be read on from its cursor.
 * @throws PushRefused
 */
export function receivePush(
  { headers, body }: RawPush,
  { appKey, appSecret }: DouyinConfig,
  stream: string,
): PushAnswer {
  if (headers['app-id'] !== appKey) throw new PushRefused('app-id is not the app of this source.');
  mustBeSigned('event-sign', headers['event-sign'], eventSign(appKey, body, appSecret));
  const parsed = parseExactJson('The push', Buffer.from(body).toString());
  const messages = (Array.isArray(parsed) ? parsed : [parsed]) as Message[];
  return { hints: messages.map((message) => hintOf(message, stream)), reply: TAKEN };
}

function hintOf({ msg_id, data }: Message, stream: string): PushHint {
  const told = (typeof data === 'string' ? parseExactJson('The push', data) : data) as
    { p_id?: string | number } | undefined;
  return {
    pushId: msg_id === undefined ? null : String(msg_id),
    stream,
    recordIds: told?.p_id === undefined ? [] : [String(told.p_id)],
  };
}
