import { createHash, createHmac } from 'node:crypto';
import {
  mustBeSigned,
  parseExactJson,
  PushRefused,
  type PushAnswer,
  type RawPush,
  type RawRecord,
} from '../spi/index.ts';
import type { FinanceWebhookConfig } from './config.ts';

/** Unix seconds have fewer digits for some thousand years. */
const IS_MILLISECONDS = 1e11;

/**
 * Verifies a push by HMAC-SHA256 over its time, a separator and the bytes of its body, as Stripe and others sign, and gives
 * the refunds in it. A push that is replayed has the signature that it had, by which it is known.
 * @param stream its refunds are records of
 * @throws PushRefused
 */
export function receiveRefunds(push: RawPush, config: FinanceWebhookConfig, stream: string): PushAnswer {
  const signature = verified(push, config);
  const body = parsed(push.body);
  const found = config.recordsAt === '' ? body : valueAt(body, config.recordsAt);
  if (found === undefined) throw new PushRefused(`The body has no ${config.recordsAt}.`);
  const records = (Array.isArray(found) ? found : [found]).map((item) => recordOf(item, config.idAt));
  return { hints: [{ pushId: signature, stream, recordIds: records.map(({ id }) => id), records }] };
}

/** @returns the signature */
function verified({ headers, body, receivedAt }: RawPush, config: FinanceWebhookConfig): string {
  const { secret, signatureHeader, timestampHeader, separator, encoding, toleranceSeconds } = config;
  const time = headers[timestampHeader] ?? '';
  const expected = createHmac('sha256', secret).update(`${time}${separator}`).update(body).digest(encoding);
  mustBeSigned(signatureHeader, headers[signatureHeader], expected);
  const sentAt = Number(time) * (Number(time) < IS_MILLISECONDS ? 1_000 : 1);
  if (!(Math.abs(receivedAt.getTime() - sentAt) <= toleranceSeconds * 1_000))
    throw new PushRefused(`${timestampHeader} is no Unix time, or too far from now.`);
  return expected;
}

function parsed(body: Uint8Array): unknown {
  try {
    return parseExactJson('The push', Buffer.from(body).toString());
  } catch {
    throw new PushRefused('The body is no JSON.');
  }
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}

/** A record without an id is identified by its content. The mapping says what it lacks, and it becomes a dead letter. */
function recordOf(item: unknown, idAt: string): RawRecord {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  const data = (isObject ? item : { value: item }) as Record<string, unknown>;
  const named = valueAt(data, idAt);
  const hasId = typeof named === 'string' || typeof named === 'number';
  const id = hasId
    ? String(named)
    : `none ${createHash('sha256').update(JSON.stringify(data)).digest('hex')}`;
  return { id, origin: `pushed refund ${id}`, data };
}
