/** Where NATS is, as HUB_BUS_URL says it: `nats://[user:password@]host[:port][/name]`, several with commas between. */
export interface NatsAddress {
  /** host:port of each server; one of them suffices. */
  servers: string[];
  tls: boolean;
  /** Either a user with a password, or a token. */
  user: string | undefined;
  password: string | undefined;
  token: string | undefined;
  /** Hubs of one database share a subject; those of another one on the same NATS have their own. */
  subject: string;
}

/** Undefined for what is no such address. */
export function parseNatsAddress(text: string): NatsAddress | undefined {
  const urls = text.split(',').map((part) => URL.parse(part.trim()));
  if (!urls.every((url) => url !== null)) return undefined;
  const [first] = urls as [URL];
  const name = first.pathname.replace(/^\//, '') || 'orderweave';
  const sameButHost = ({ protocol, username, password, pathname, search, hash, hostname }: URL) =>
    protocol === first.protocol &&
    username === first.username &&
    password === first.password &&
    pathname === first.pathname &&
    search === '' &&
    hash === '' &&
    hostname !== '';
  if (!['nats:', 'tls:'].includes(first.protocol) || !/^[\w-]+$/.test(name) || !urls.every(sameButHost))
    return undefined;
  const [user, password] = [first.username, first.password].map(decodeURIComponent) as [string, string];
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || '4222'}`),
    tls: first.protocol === 'tls:',
    user: password === '' ? undefined : user,
    password: password === '' ? undefined : password,
    token: password === '' && user !== '' ? user : undefined,
    subject: `${name}.changes`,
  };
}
