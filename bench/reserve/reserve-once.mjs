import { randomUUID } from 'node:crypto';
import { idempotencyOf } from '../../dist/src/platform/api/idempotency.js';

const actor = { partner: 'bench', name: 'bench', admin: true };

/** One reservation as the API would submit it, under keys of its own. @returns the outcome */
export function reserveOnce(engine, lines) {
  const input = { idempotencyKey: randomUUID(), channel: 'douyin', reference: randomUUID(), lines };
  const command = {
    type: 'reserve',
    channel: input.channel,
    pool: undefined,
    reference: input.reference,
    lines,
    ttlSeconds: undefined,
    partial: false,
  };
  return engine.reserve({ command, actor, idempotency: idempotencyOf('reserve', input) });
}
