import type { FastifyRequest } from 'fastify';
import type { Actor } from '../../platform/api/actor.ts';
import type { ServerOptions } from '../server-options.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null before the key has been checked. */
    actor: Actor | null;
  }
}

/**
 * Puts `actor` on the request, or refuses it; without a promise where the answer is known at once, as it is for nearly
 * every request.
 */
export function authenticate(
  request: FastifyRequest,
  { access, clientAddress }: Pick<ServerOptions, 'access' | 'clientAddress'>,
  done: (error?: Error) => void,
): void {
  const known = (actor: Actor) => {
    request.actor = actor;
    done();
  };
  try {
    const actor = access.authenticate(request.headers.authorization, () => clientAddress(request.raw));
    if (actor instanceof Promise) actor.then(known, done);
    else known(actor);
  } catch (error) {
    done(error as Error);
  }
}
