import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ownerOf } from '../policy/cost/cost-budget.ts';
import type { BodyPace } from '../policy/body-pace.ts';
import { limits } from '../policy/query-limits.ts';
import type { ServerOptions } from '../server-options.ts';

/** So much of a body that nobody wants is still read, so that its sender reads the answer before it is cut off. */
const MOST_UNWANTED_BYTES = 16 * limits.bodyBytes;
const LOOK_EVERY_MS = 100;

/**
 * Reads the large bodies of each key, or of each address where no key is asked for, no faster than `pace` allows; of
 * every route, also where a request is answered before its body was read.
 */
export function paceBodies(
  app: FastifyInstance,
  pace: BodyPace,
  { clientAddress }: Pick<ServerOptions, 'clientAddress'>,
): void {
  const paced = new WeakSet<FastifyRequest>();
  const delayOf = (request: FastifyRequest): number => {
    const bytes = bytesOf(request);
    if (pace.isSmall(bytes) || paced.has(request)) return 0;
    paced.add(request);
    const { actor, raw } = request;
    return pace.delayMs(() => (actor ? ownerOf(actor) : `address ${clientAddress(raw)}`), bytes);
  };
  app.addHook('preParsing', (request, _reply, payload, done) => {
    let delay: number;
    try {
      delay = delayOf(request);
    } catch (error) {
      return done(error as Error);
    }
    after(delay, () => done(null, payload));
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    if (request.raw.complete) return done(null, payload);
    // Fastify closes behind a body that is too large; its sender, which still writes, would often not read the answer.
    reply.removeHeader('connection');
    let [delay, unwanted] = [0, MOST_UNWANTED_BYTES];
    try {
      delay = delayOf(request);
    } catch {
      unwanted = 0; // it sends too much already
    }
    cutOffWhenAnswered(request, reply, unwanted);
    after(delay, () => done(null, payload));
  });
}

function after(delay: number, go: () => void): void {
  if (delay === 0) go();
  else setTimeout(go, delay);
}

/** The size of a body as it is announced; of one that is not, the most that is read. */
function bytesOf({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return limits.bodyBytes;
  return Number(headers['content-length'] ?? 0) || 0;
}

/** Node.js reads and drops what still comes of a body after the answer, without end; this ends it. */
function cutOffWhenAnswered({ raw }: FastifyRequest, reply: FastifyReply, most: number): void {
  const { socket } = raw;
  reply.raw.once('finish', () => {
    const before = socket.bytesRead;
    const watch = setInterval(() => {
      if (!raw.complete && socket.bytesRead - before > most) socket.destroy();
      if (socket.destroyed || raw.complete) clearInterval(watch);
    }, LOOK_EVERY_MS);
    watch.unref();
  });
}
