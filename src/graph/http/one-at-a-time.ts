import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** The newest answer of a connection. */
const NEWEST = Symbol('newest answer');

/**
 * Serves the requests of one connection one at a time. Node.js begins every pipelined request at once and keeps its
 * answer until the ones before have left, however many a client sends that reads nothing.
 */
export function serveOneAtATime(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    const socket: Socket & { [NEWEST]?: ServerResponse } = request.raw.socket;
    const before = socket[NEWEST];
    socket[NEWEST] = reply.raw;
    if (before === undefined || before.writableFinished || before.closed) done();
    else before.once('close', () => done());
  });
}
