import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { HubError } from '../../platform/errors.ts';
import { excessiveShape } from '../policy/json-shape.ts';

/** The content types of JSON that usual clients send. */
export const USUAL_CONTENT_TYPES: ReadonlySet<unknown> = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
  'application/json; charset=UTF-8',
  'application/json;charset=UTF-8',
]);

/** JSON must be valid UTF-8: decoding leniently would store replaced characters that nobody sent. */
export function readJsonStrictly(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, ({ headers }, body, done) => {
    try {
      requirePlainUtf8(headers);
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

/** Of which ASCII is a part: what is one is the other. */
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

/** @throws HubError BODY_INVALID (415) of a body that says it is encoded otherwise: read as it is, it might say something else */
function requirePlainUtf8({
  'content-type': type = '',
  'content-encoding': encoding,
}: IncomingHttpHeaders): void {
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    throw refusal(`The request body is encoded as ${encoding}; send it as it is.`);
  if (USUAL_CONTENT_TYPES.has(type)) return;
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(type)?.[1];
  if (charset !== undefined && !UTF8.has(charset.toLowerCase()))
    throw refusal(`The request body is said to be ${charset}; send UTF-8.`);
}

function refusal(says: string): HubError {
  return new HubError('BODY_INVALID', says, { http: { status: 415 } });
}
