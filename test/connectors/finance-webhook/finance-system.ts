import { createHmac } from 'node:crypto';
import type { SourceBed } from '../../../connectors/spi/conformance/index.ts';
import type { RawPush } from '../../../connectors/spi/index.ts';

export const SECRET = 'finance-secret-0123456789';

/** A settled refund as the finance system tells it. */
export function refundTold(refundNo: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    refund_no: refundNo,
    channel: 'web',
    order_no: 'W-1001',
    settled_at: '2026-11-26T10:00:00+08:00',
    items: [{ line_id: 'W-1001-1', quantity: 1 }],
    ...change,
  };
}

/** Headers of a body that is sent at an instant: hex of HMAC-SHA256 over Unix seconds, a dot and the bytes. */
export function signedHeaders(body: string, at = new Date(), secret = SECRET): Record<string, string> {
  const time = String(Math.floor(at.getTime() / 1000));
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return { 'x-timestamp': time, 'x-signature': signature };
}

export function pushOf(body: string, headers = signedHeaders(body)): RawPush {
  return { method: 'POST', headers, query: {}, body: Buffer.from(body), receivedAt: new Date() };
}

export function financeBed(): SourceBed {
  const body = (ids: readonly string[]) => JSON.stringify(ids.map((id) => refundTold(id)));
  return {
    config: { secret: SECRET },
    secrets: [SECRET],
    push: (ids) => pushOf(body(ids)),
    stop: async () => undefined,
  };
}
