import PQueue from 'p-queue';
import type { Access, Actor, KeyInvalidation } from '../platform/api/actor.ts';
import type { AttemptLimit } from '../platform/api/attempt-limit.ts';
import type { ChangeBus } from '../platform/bus/change-bus.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { HubError } from '../platform/errors.ts';
import type { Logger } from '../platform/process/log.ts';
import { parseApiKey, secretMatches } from './api-key.ts';
import { KeyExpiryWatcher } from './key-expiry-watcher.ts';
import { readKeys, type KeyRow } from './read-keys.ts';

const TOPIC = 'keys';
/** A key that was revoked while the bus was cut is refused at the latest after this time. */
const MEMORY_MS = 2_000;
const MAX_REMEMBERED = 1_000;
/** Keys looked up at once, so that whoever sends many takes no more than half of the connections of a usual pool. */
const LOOKUPS_AT_ONCE = 8;

interface Known {
  row: KeyRow;
  /** One object for all requests of the key; nobody changes it. */
  actor: Actor;
}
interface Remembered {
  known: Known;
  /** When it is to be read again; until then it is believed. */
  until: number;
}

/** Access by the admin key, or by a key of the table. */
export class KeyAccess implements Access {
  private readonly remembered = new Map<string, Remembered>();
  /** Prefixes of no key, apart from the keys: whoever tries many pushes no real key out. */
  private readonly unknown = new Map<string, number>();
  /** Of all who come with a key at the same time, one asks the database. */
  private readonly finding = new Map<string, Promise<Known | undefined>>();
  private readonly lookups = new PQueue({ concurrency: LOOKUPS_AT_ONCE });
  private readonly prefixes = new WeakMap<Actor, string>();
  private readonly watch: KeyExpiryWatcher;
  private readonly unsubscribe: () => void;

  /** @param wrongKeys counts the keys that the hub does not know, by address */
  constructor(
    private readonly admin: Access,
    private readonly em: EntityManager,
    private readonly bus: ChangeBus,
    private readonly wrongKeys: AttemptLimit,
    log: Logger,
  ) {
    this.unsubscribe = bus.subscribe(
      TOPIC,
      (prefixes) => prefixes.forEach((prefix) => this.forgetHere(prefix)),
      () => {
        // Read again, and still known as keys that were good: a cut bus locks nobody out.
        for (const remembered of this.remembered.values()) remembered.until = 0;
        this.unknown.clear();
        this.finding.clear();
      },
    );
    this.watch = new KeyExpiryWatcher((prefixes) => readKeys(em.fork(), prefixes), bus, TOPIC, log);
  }

  /**
   * At once for a key that is remembered: a promise for every request costs more than the check. A wrong key is counted
   * for its address; when that has sent too many, no key is looked up for it that was not good before.
   * @throws HubError UNAUTHENTICATED, with the reason that the owner of a real key needs; RATE_LIMITED
   */
  authenticate(authorization: unknown, addressOf?: () => string): Actor | Promise<Actor> {
    const key = typeof authorization === 'string' ? /^Bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
    const parsed = key === undefined ? undefined : parseApiKey(key);
    try {
      if (!parsed) return this.admin.authenticate(authorization);
      const remembered = this.remembered.get(parsed.prefix);
      const now = performance.now();
      if (remembered && remembered.until > now) return actorOf(remembered.known, parsed.secret);
      if ((this.unknown.get(parsed.prefix) ?? 0) > now) return actorOf(undefined, parsed.secret);
    } catch (error) {
      if (key === undefined || !isUnknownKey(error)) throw error; // no key was tried
      return this.countWrong(addressOf?.(), error);
    }
    return this.lookUp(parsed, addressOf?.());
  }

  onKeyInvalidated(actor: Actor, onEnd: (why: KeyInvalidation) => void): () => void {
    const prefix = this.prefixes.get(actor);
    return prefix === undefined ? () => undefined : this.watch.watch(prefix, onEnd);
  }

  /** Drops a key that has changed; called in all processes. */
  forget(prefix: string): void {
    this.bus.publish(TOPIC, [prefix]);
  }

  close(): Promise<void> {
    this.unsubscribe();
    return this.watch.close();
  }

  private forgetHere(prefix: string): void {
    this.remembered.delete(prefix);
    this.unknown.delete(prefix);
    this.finding.delete(prefix); // what it finds may be older than the change
  }

  private async lookUp(
    { prefix, secret }: { prefix: string; secret: string },
    address: string | undefined,
  ): Promise<Actor> {
    const before = this.remembered.get(prefix);
    const wasGood = before !== undefined && secretMatches(secret, before.known.row.hash);
    if (wasGood) return actorOf(await this.found(prefix), secret);
    return this.lookups.add(async () => {
      if (address !== undefined) await this.wrongKeys.check(address);
      try {
        return actorOf(await this.found(prefix), secret);
      } catch (error) {
        if (!isUnknownKey(error)) throw error;
        return await this.countWrong(address, error);
      }
    });
  }

  /** @throws the refusal of the key, or RATE_LIMITED */
  private async countWrong(address: string | undefined, refusal: HubError): Promise<never> {
    if (address !== undefined) await this.wrongKeys.countFailure(address);
    throw refusal;
  }

  private found(prefix: string): Promise<Known | undefined> {
    const underWay = this.finding.get(prefix);
    if (underWay) return underWay;
    const finding: Promise<Known | undefined> = this.find(
      prefix,
      () => this.finding.get(prefix) === finding,
    ).finally(() => {
      if (this.finding.get(prefix) === finding) this.finding.delete(prefix);
    });
    this.finding.set(prefix, finding);
    return finding;
  }

  private async find(prefix: string, isCurrent: () => boolean): Promise<Known | undefined> {
    const [row] = await readKeys(this.em.fork(), [prefix]);
    const known = row && { row, actor: actorWith(row, prefix) };
    if (known) this.prefixes.set(known.actor, prefix);
    if (!isCurrent()) return known;
    if (!known) {
      if (this.unknown.size >= MAX_REMEMBERED) this.unknown.clear();
      this.unknown.set(prefix, performance.now() + MEMORY_MS);
      return undefined;
    }
    this.remembered.delete(prefix); // so that the Map has the one read longest ago first
    if (this.remembered.size >= MAX_REMEMBERED) this.remembered.delete(this.remembered.keys().next().value!);
    this.remembered.set(prefix, {
      known,
      until: performance.now() + Math.min(MEMORY_MS, Math.max(0, row.msLeft ?? MEMORY_MS)),
    });
    return known;
  }
}

/** Of a real key that has ended the state is told: it is no guess. */
function isUnknownKey(error: unknown): error is HubError {
  return (
    error instanceof HubError && error.code === 'UNAUTHENTICATED' && error.extensions.keyState === undefined
  );
}

function actorOf(known: Known | undefined, secret: string): Actor {
  if (!known || !secretMatches(secret, known.row.hash))
    throw new HubError('UNAUTHENTICATED', 'The hub does not know this key.');
  const { state } = known.row;
  if (state === 'GOOD') return known.actor;
  const says = state === 'EXPIRED' ? 'The key has expired.' : 'The key was revoked.';
  throw new HubError('UNAUTHENTICATED', says, { keyState: state });
}

function actorWith({ partner, name, scopes, channel }: KeyRow, keyId: string): Actor {
  return { partner, name, keyId, admin: false, scopes: new Set(scopes), channel };
}
