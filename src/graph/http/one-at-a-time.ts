import type { FastifyInstance } from 'fastify';

/**
 * Serves the requests of one connection one at a time. Node.js begins every pipelined request at once and keeps its
 * answer until the ones before have left, however many a client sends that reads nothing. An answer gets its connection
 * when those before it have gone; one whose connection ends meanwhile is never begun.
 */
export function serveOneAtATime(app: FastifyInstance): void {
  app.addHook('onRequest', (_request, { raw: answer }, done) => {
    if (answer.socket) done();
    else answer.once('socket', () => done());
  });
}
