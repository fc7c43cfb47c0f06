import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../platform/process/package-root.ts';
import { markAnswered } from './connection-options.ts';
import { renderDocument } from './docs-page.ts';
import { SAFETY_HEADERS } from './safety-headers.ts';

/** The built console at /, GraphiQL at /graphiql and the documentation at /docs/; open, they hold no data. */
export async function servePages(app: FastifyInstance): Promise<void> {
  // With a callback: a promise for every answer of the API would cost more than the headers.
  app.addHook('onSend', (request, reply, payload, done) => {
    markAnswered(request.raw);
    void reply.headers(SAFETY_HEADERS);
    done(null, payload);
  });
  await serveConsole(app, path.join(packageRoot(), 'dist', 'console'));
  app.get('/docs', (_request, reply) => reply.redirect('/docs/'));
  app.get<{ Params: { '*': string } }>('/docs/*', async (request, reply) => {
    const page = renderDocument(path.join(packageRoot(), 'docs'), request.params['*']);
    if (!page) return reply.code(404).type('text/plain').send('No such page.');
    return reply.type('text/html; charset=utf-8').send(page);
  });
}

/** Built assets carry their digest in their names and never change; the pages that name them always may. */
async function serveConsole(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  await app.register(fastifyStatic, {
    root: folder,
    index: 'index.html',
    cacheControl: false,
    setHeaders: (response, file) => {
      const isAsset = file.includes(`${path.sep}assets${path.sep}`);
      response.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  app.get('/graphiql', (_request, reply) => reply.sendFile('graphiql.html'));
  app.get('/graphiql/', (_request, reply) => reply.redirect('/graphiql'));
}
