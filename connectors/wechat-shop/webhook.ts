import {
  mustBeSigned,
  parseExactJson,
  PushRefused,
  type PushAnswer,
  type PushHint,
  type RawPush,
} from '../spi/index.ts';
import { openSafeMessage, wechatSignature } from './safe-mode.ts';

export interface PushSecrets {
  appId: string;
  pushToken: string;
  encodingAesKey: string;
}

/** Anything else, or nothing within 5 seconds, and it is pushed again, up to 10 times. */
const TAKEN = { status: 200, contentType: 'text/plain', body: 'success' };

interface Event {
  Event?: string;
  order_info?: { order_id?: string | number };
  finder_shop_aftersale_status_update?: { after_sale_order_id?: string | number };
}

/**
 * GET proves the address: what is signed is echoed. POST is a message in safe mode. Messages have no id and are repeated
 * until they are taken.
 * @throws PushRefused
 */
export function receivePush({ method, query, body }: RawPush, secrets: PushSecrets): PushAnswer {
  const { timestamp = '', nonce = '', signature, msg_signature, echostr = '' } = query;
  if (method === 'GET') {
    mustBeSigned('signature', signature, wechatSignature(secrets.pushToken, timestamp, nonce));
    return { hints: [], reply: { status: 200, contentType: 'text/plain', body: echostr } };
  }
  const cipherText = cipherTextOf(body);
  const expected = wechatSignature(secrets.pushToken, timestamp, nonce, cipherText);
  mustBeSigned('msg_signature', msg_signature, expected);
  const event = opened(cipherText, secrets);
  return { hints: hintsOf(event), reply: TAKEN };
}

function cipherTextOf(body: Uint8Array): string {
  try {
    const { Encrypt } = JSON.parse(Buffer.from(body).toString()) as { Encrypt?: unknown };
    if (typeof Encrypt === 'string') return Encrypt;
  } catch {
    // refused as below
  }
  throw new PushRefused('The body is no message in safe mode and JSON: {"Encrypt": "…"}.');
}

function opened(cipherText: string, { appId, encodingAesKey }: PushSecrets): Event {
  let safe: ReturnType<typeof openSafeMessage>;
  try {
    safe = openSafeMessage(cipherText, encodingAesKey);
  } catch {
    throw new PushRefused('The message does not open with encodingAesKey.');
  }
  if (safe.appId !== appId) throw new PushRefused('The message is for another app.');
  return parseExactJson('The push', safe.message) as Event;
}

/** Where the ids stand in an event is from memory, not verified: one without makes the stream be read on. */
function hintsOf(event: Event): PushHint[] {
  const { Event: name = '', order_info, finder_shop_aftersale_status_update: afterSale } = event;
  const hint = (stream: string, id: string | number | undefined): PushHint => ({
    pushId: null,
    stream,
    recordIds: id === undefined ? [] : [String(id)],
  });
  if (name.startsWith('channels_ec_order_')) return [hint('orders', order_info?.order_id)];
  if (name === 'channels_ec_aftersale_update') return [hint('returns', afterSale?.after_sale_order_id)];
  return [];
}
