/**
 * The addresses of the hosts that an address names, in its order: `postgres://user:password@a:5432,b:5432/name` names
 * two, as libpq has it. Undefined where it is no address of PostgreSQL. `target_session_attrs` may be `read-write`,
 * `primary` or `any`; the hub needs a host that takes writes in any case.
 */
export function hostAddresses(address: string): string[] | undefined {
  const parts = /^(postgres(?:ql)?:\/\/(?:[^@/?]*@)?)([^/?@]+)(\/[^?]*)?(?:\?(.*))?$/.exec(address);
  if (!parts) return undefined;
  const [, beginning, hosts, path = '', query = ''] = parts;
  const parameters = new URLSearchParams(query);
  const target = parameters.get('target_session_attrs') ?? 'any';
  if (!['any', 'read-write', 'primary'].includes(target)) return undefined;
  parameters.delete('target_session_attrs');
  const end = `${path}${parameters.size > 0 ? `?${parameters}` : ''}`;
  const addresses = hosts!.split(',').map((host) => `${beginning}${host}${end}`);
  return addresses.every((one) => URL.canParse(one)) ? addresses : undefined;
}
