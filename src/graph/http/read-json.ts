import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { HubError } from '../../platform/errors.ts';
import { excessiveShape } from '../policy/json-shape.ts';

/** JSON must be valid UTF-8: decoding leniently would store replaced characters that nobody sent. */
export function readJsonStrictly(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      if (!isUtf8(body as Buffer)) throw new HubError('BODY_INVALID', 'The request body is not valid UTF-8.');
      const text = body.toString('utf8');
      const excess = excessiveShape(text);
      if (excess !== undefined) throw new HubError('BODY_INVALID', excess);
      done(null, JSON.parse(text));
    } catch (error) {
      const known = error instanceof HubError ? error : undefined;
      done(
        known ?? new HubError('BODY_INVALID', `The request body is not JSON: ${(error as Error).message}`),
      );
    }
  });
}
