import type { Access, Actor } from '../access.ts';
import type { ChangeBus } from '../change-bus.ts';
import type { EntityManager } from '../database.ts';
import { HubError } from '../errors.ts';
import { parseApiKey, secretMatches } from './api-key.ts';

const TOPIC = 'keys';
/** A key that was revoked while the bus was cut is refused at the latest after this time. */
const MEMORY_MS = 2_000;
const MAX_REMEMBERED = 1_000;

interface KeyRow {
  prefix: string;
  hash: string;
  name: string;
  partner: string;
  scopes: string[];
  channel: string | null;
  /** Whether it may be used at the instant of reading; the end is told apart for the message. */
  state: 'GOOD' | 'EXPIRED' | 'REVOKED';
  msLeft: number | null;
}
interface Known {
  row: KeyRow;
  /** One object for all requests of the key; nobody changes it. */
  actor: Actor;
}
interface Remembered {
  known: Known | undefined;
  until: number;
}

/** Access by the admin key, or by a key of the table. */
export class KeyAccess implements Access {
  private readonly remembered = new Map<string, Remembered>();
  private readonly unsubscribe: () => void;

  constructor(
    private readonly admin: Access,
    private readonly em: EntityManager,
    private readonly bus: ChangeBus,
  ) {
    this.unsubscribe = bus.subscribe(
      TOPIC,
      (prefixes) => prefixes.forEach((prefix) => this.remembered.delete(prefix)),
      () => this.remembered.clear(),
    );
  }

  /**
   * At once for a key that is remembered: a promise for every request costs more than the check.
   * @throws HubError UNAUTHENTICATED, with the reason that the owner of a real key needs
   */
  authenticate(authorization: unknown): Actor | Promise<Actor> {
    const key = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
    const parsed = key === undefined ? undefined : parseApiKey(key);
    if (!parsed) return this.admin.authenticate(authorization);
    const remembered = this.remembered.get(parsed.prefix);
    if (remembered && remembered.until > performance.now()) return actorOf(remembered.known, parsed.secret);
    return this.find(parsed.prefix).then((known) => actorOf(known, parsed.secret));
  }

  /** Told when a key has changed, in all processes. */
  forget(prefix: string): void {
    this.bus.publish(TOPIC, [prefix]);
  }

  close(): void {
    this.unsubscribe();
  }

  private async find(prefix: string): Promise<Known | undefined> {
    const [row] = await this.em.fork().execute<KeyRow[]>(
      `select prefix, hash, name, partner, scopes, channel,
         case when revoked_at is not null then 'REVOKED' when expires_at <= now then 'EXPIRED' else 'GOOD' end as state,
         extract(epoch from expires_at - now)::float8 * 1000 as "msLeft"
       from api_key, (select hub_now() as now) instant where prefix = ?`,
      [prefix],
    );
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    const known = row && { row, actor: actorWith(row) };
    this.remembered.set(prefix, {
      known,
      until: performance.now() + Math.min(MEMORY_MS, Math.max(0, row?.msLeft ?? MEMORY_MS)),
    });
    return known;
  }
}

function actorOf(known: Known | undefined, secret: string): Actor {
  if (!known || !secretMatches(secret, known.row.hash))
    throw new HubError('UNAUTHENTICATED', 'The hub does not know this key.');
  if (known.row.state === 'GOOD') return known.actor;
  throw new HubError(
    'UNAUTHENTICATED',
    known.row.state === 'EXPIRED' ? 'The key has expired.' : 'The key was revoked.',
  );
}

function actorWith({ partner, name, scopes, channel }: KeyRow): Actor {
  return { partner, name, admin: false, scopes: new Set(scopes), channel };
}
