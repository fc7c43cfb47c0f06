import { createHmac } from 'node:crypto';

/**
 * The sign of a call by `sign_method=hmac-sha256`: parameters sorted by name in ASCII, name and value joined, empty ones
 * left out (source-systems.md §4, Signatures); upper-case hex.
 */
export function topSign(parameters: Readonly<Record<string, string>>, secret: string): string {
  const base = Object.keys(parameters)
    .filter((name) => parameters[name] !== '')
    .sort()
    .map((name) => name + parameters[name])
    .join('');
  return createHmac('sha256', secret).update(base).digest('hex').toUpperCase();
}
