import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ownerOf } from '../policy/cost/cost-budget.ts';
import type { BodyPace } from '../policy/body-pace.ts';
import { limits } from '../policy/query-limits.ts';
import type { ServerOptions } from '../server-options.ts';

/** So much of a body that nobody wants is still read, so that its sender reads the answer before it is cut off. */
const MOST_UNWANTED_BYTES = 16 * limits.bodyBytes;
const LOOK_EVERY_MS = 100;

/** Delays of bodies, by their requests. */
export interface PacedBodies {
  /** Waits, where a request is refused before its body was read, until the body may be read all the same. */
  beforeRefusal(request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined;
}

/** Reads the large bodies of each key, or of each address where no key is asked for, no faster than `pace` allows. */
export function paceBodies(
  app: FastifyInstance,
  pace: BodyPace,
  { clientAddress }: Pick<ServerOptions, 'clientAddress'>,
): PacedBodies {
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
    if (delay === 0) return done(null, payload);
    setTimeout(() => done(null, payload), delay);
  });
  return {
    beforeRefusal(request, reply) {
      if (request.raw.complete) return undefined;
      let [delay, unwanted] = [0, MOST_UNWANTED_BYTES];
      try {
        delay = delayOf(request);
      } catch {
        unwanted = 0; // it sends too much already
      }
      cutOffWhenAnswered(request, reply, unwanted);
      return delay > 0 ? new Promise((resolve) => setTimeout(resolve, delay)) : undefined;
    },
  };
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
