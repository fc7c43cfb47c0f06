import { createHash } from 'node:crypto';

/**
 * The sign of a call: system parameters and `360buy_param_json`, sorted by name, name and value joined, between two secrets;
 * MD5 in upper-case hex (source-systems.md §4, Signatures).
 */
export function jdSign(parameters: Readonly<Record<string, string>>, secret: string): string {
  const base = Object.keys(parameters)
    .sort()
    .map((name) => name + parameters[name])
    .join('');
  return createHash('md5').update(`${secret}${base}${secret}`).digest('hex').toUpperCase();
}
