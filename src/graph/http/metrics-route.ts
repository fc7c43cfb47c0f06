import type { FastifyInstance } from 'fastify';
import { requireScope } from '../../platform/api/actor.ts';
import { METRICS_PATH } from '../../platform/metrics/metrics-server.ts';
import { registry } from '../../platform/metrics/registry.ts';
import type { ServerOptions } from '../server-options.ts';
import { NO_STORE } from './no-store.ts';
import { authenticate } from './authenticate.ts';

/** Serves the metrics to keys that may read them. */
export function metricsRoute(
  parts: Pick<ServerOptions, 'access' | 'clientAddress'>,
): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.get(METRICS_PATH, {
      onRequest: (request, _reply, done) => authenticate(request, parts, done),
      async handler({ actor }, reply) {
        requireScope(actor!, 'metrics:read', METRICS_PATH);
        return reply
          .type(registry.contentType)
          .header('cache-control', NO_STORE)
          .send(await registry.metrics());
      },
    });
  };
}
