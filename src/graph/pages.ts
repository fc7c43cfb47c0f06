import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../platform/package-root.ts';
import { renderDocument } from './docs-page.ts';

/** Scripts and connections of our own origin only; the pages work without any network but the hub. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The built console at /, GraphiQL at /graphiql and the documentation at /docs/; open, they hold no data. */
export async function servePages(app: FastifyInstance): Promise<void> {
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    void reply.header('x-content-type-options', 'nosniff');
    void reply.header('referrer-policy', 'no-referrer');
  });
  const built = path.join(packageRoot(), 'dist', 'console');
  if (existsSync(built)) {
    await app.register(fastifyStatic, { root: built, maxAge: '1h', index: 'index.html' });
    app.get('/graphiql', (_request, reply) => reply.sendFile('graphiql.html', { maxAge: 0 }));
  }
  app.get('/docs', (_request, reply) => reply.redirect('/docs/'));
  app.get<{ Params: { '*': string } }>('/docs/*', async (request, reply) => {
    const page = renderDocument(path.join(packageRoot(), 'docs'), request.params['*']);
    if (!page) return reply.code(404).type('text/plain').send('No such page.');
    return reply.type('text/html; charset=utf-8').send(page);
  });
}
