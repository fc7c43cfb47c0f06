import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PushRefused, type PushAnswer, type RawPush } from '../../../connectors/spi/index.ts';
import type { AttemptLimit } from '../../platform/api/attempt-limit.ts';
import { HubError, errorCatalogue } from '../../platform/errors.ts';
import type { ClientAddress } from '../../platform/process/client-address.ts';
import type { Logger } from '../../platform/process/log.ts';
import type { ConnectorRuntime } from '../runtime/connector-runtime.ts';

/** A hint, or some records; a larger push is neither. */
const MAX_BODY_BYTES = 1_048_576;

/** Collaborators of the routes. */
export interface PushRoutesDeps {
  runtimes: readonly ConnectorRuntime[];
  /** Counts refused pushes by address. */
  refused: AttemptLimit;
  clientAddress: ClientAddress;
  log: Logger;
}

/**
 * Where sources push to: /hooks/<source>. A push proves by its signature whose it is, so no key is asked for. It is
 * answered as soon as what it hints at or carries is kept; reading back and taking in come after.
 */
export function pushRoutes({ runtimes, log, ...guard }: PushRoutesDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    // Signatures are over the bytes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) =>
      done(null, body),
    );
    app.setErrorHandler((error: Error & { statusCode?: number }, { id: requestId }, reply) => {
      if (error instanceof HubError && error.code === 'RATE_LIMITED')
        return reply
          .code(errorCatalogue[error.code].http)
          .header('retry-after', error.extensions.retryAfterSeconds as number)
          .send({ error: error.message });
      const status = error.statusCode ?? 500;
      if (status >= 500)
        log.error({ err: error, requestId }, 'a push could not be kept; its source will repeat it');
      return reply
        .code(status)
        .send({ error: status >= 500 ? 'The hub cannot take it now.' : error.message });
    });
    app.route<{ Params: { source: string } }>({
      method: ['GET', 'POST'],
      url: '/hooks/:source',
      handler: (request, reply) => receive({ runtimes, log, ...guard }, request, reply),
    });
  };
}

async function receive(
  { runtimes, log, refused, clientAddress }: PushRoutesDeps,
  request: FastifyRequest<{ Params: { source: string } }>,
  reply: FastifyReply,
): Promise<unknown> {
  const runtime = runtimes.find(({ id }) => id === request.params.source);
  if (!runtime?.source.webhook) return reply.code(404).send({ error: 'No source takes pushes here.' });
  let answer: PushAnswer;
  try {
    answer = await runtime.source.webhook.receive(rawPush(request));
  } catch (error) {
    if (!(error instanceof PushRefused)) throw error;
    await refused.countFailure(clientAddress(request.raw)); // one too many is answered with 429
    log.warn({ connector: runtime.id, reason: error.message, requestId: request.id }, 'a push was refused');
    return reply.code(401).send({ error: error.message });
  }
  await runtime.take(answer.hints);
  const { status = 200, contentType = 'application/json', body = '{"ok":true}' } = answer.reply ?? {};
  return reply.code(status).type(contentType).send(body);
}

function rawPush(request: FastifyRequest): RawPush {
  const single = (values: Record<string, string | string[] | undefined>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    );
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    headers: single(request.headers),
    query: single(request.query as Record<string, string | string[] | undefined>),
    body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),
    receivedAt: new Date(),
  };
}
