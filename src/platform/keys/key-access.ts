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
interface Remembered {
  row: KeyRow | undefined;
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

  /** @throws HubError UNAUTHENTICATED, with the reason that the owner of a real key needs */
  async authenticate(authorization: unknown): Promise<Actor> {
    const key = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
    const parsed = key === undefined ? undefined : parseApiKey(key);
    if (!parsed) return this.admin.authenticate(authorization);
    const row = await this.find(parsed.prefix);
    if (!row || !secretMatches(parsed.secret, row.hash))
      throw new HubError('UNAUTHENTICATED', 'The hub does not know this key.');
    if (row.state !== 'GOOD')
      throw new HubError(
        'UNAUTHENTICATED',
        row.state === 'EXPIRED' ? 'The key has expired.' : 'The key was revoked.',
      );
    return {
      partner: row.partner,
      name: row.name,
      admin: false,
      scopes: new Set(row.scopes),
      channel: row.channel,
    };
  }

  /** Told when a key has changed, in all processes. */
  forget(prefix: string): void {
    this.bus.publish(TOPIC, [prefix]);
  }

  close(): void {
    this.unsubscribe();
  }

  private async find(prefix: string): Promise<KeyRow | undefined> {
    const known = this.remembered.get(prefix);
    if (known && known.until > performance.now()) return known.row;
    const [row] = await this.em.fork().execute<KeyRow[]>(
      `select prefix, hash, name, partner, scopes, channel,
         case when revoked_at is not null then 'REVOKED' when expires_at <= now then 'EXPIRED' else 'GOOD' end as state,
         extract(epoch from expires_at - now)::float8 * 1000 as "msLeft"
       from api_key, (select hub_now() as now) instant where prefix = ?`,
      [prefix],
    );
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.clear();
    this.remembered.set(prefix, {
      row,
      until: performance.now() + Math.min(MEMORY_MS, Math.max(0, row?.msLeft ?? MEMORY_MS)),
    });
    return row;
  }
}
