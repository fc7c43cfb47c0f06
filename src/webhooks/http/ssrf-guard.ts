import { lookup as lookUp, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where webhooks may go. Whoever may name an address must not reach through the hub what only the hub can reach. */
export type TargetPolicy = 'public' | 'any';

const MAX_URL_LENGTH = 2_000;

/** Networks that are nobody's on the Internet (IANA special-purpose registries). */
const special = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  special.addSubnet(network, bits, 'ipv4');

/** Of IPv6, only what is handed out for the Internet (2000::/3) is taken, without documentation and tunnels. */
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  special.addSubnet(network, bits, 'ipv6');

/** Whether an IP address is one of the Internet's. An IPv4 address in the clothes of IPv6 is not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && global6.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

/** Why a URL cannot be an endpoint's; undefined when it can. Names are looked up when they are connected to. */
export function urlProblem(text: string, targets: TargetPolicy): string | undefined {
  if (/[\p{C}\s]/u.test(text)) return 'must not hold blanks or control characters';
  if (!URL.canParse(text) || text.length > MAX_URL_LENGTH) return 'must be a URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(targets === 'any' && url.protocol === 'http:'))
    return targets === 'any' ? 'must begin with https: or http:' : 'must begin with https:';
  if (url.username !== '' || url.password !== '') return 'must not hold a user or password';
  if (url.hash !== '') return 'must not have a fragment';
  const host = hostOf(url);
  if (targets === 'public' && isIP(host) !== 0 && !isPublicAddress(host))
    return 'must not be a private address';
  return undefined;
}

/** Without the brackets of IPv6. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** An address that a name has led to, and that may not be connected to. */
class ForbiddenAddress extends Error {
  override name = 'ForbiddenAddress';
}

/**
 * Resolves a name for a connection, and refuses all its addresses unless all are public: what was public when the
 * endpoint was made may lead inside later.
 */
export function guardedLookup(targets: TargetPolicy): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookUp(hostname, all, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const forbidden = targets === 'public' && addresses.find(({ address }) => !isPublicAddress(address));
      if (forbidden) return callback(new ForbiddenAddress(`${hostname} leads to a private address`), '', 0);
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}
