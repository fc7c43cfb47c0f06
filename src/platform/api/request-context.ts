import DataLoader from 'dataloader';
import type { EntityManager } from '../database/database.ts';
import type { Actor } from './actor.ts';

/** How to load many values at once, in the order of the keys. Defined once per relation, by the domain that owns it. */
export interface LoaderDefinition<K, V> {
  batch: (keys: readonly K[], context: RequestContext) => Promise<(V | Error)[]>;
  /** For keys that are objects: what makes two of them the same. */
  cacheKey?: (key: K) => string;
  /** False for what moves while a subscription runs: batched, but read again every time. */
  remember?: boolean;
}

/** The context of one operation: who asks, a private identity map, and loaders that batch within the operation. */
export class RequestContext {
  private readonly loaders = new Map<LoaderDefinition<never, unknown>, DataLoader<never, unknown, unknown>>();
  private ownEm: EntityManager | undefined;

  /** @param source where its entity manager comes from: what makes one costs 20 µs, and most commands need none */
  constructor(
    readonly actor: Actor,
    private readonly source: EntityManager | (() => EntityManager),
    /** The id of the request, by which logs, errors and stored commands name it; undefined for the hub's own work. */
    readonly requestId?: string,
  ) {}

  /** Of this operation alone. */
  get em(): EntityManager {
    this.ownEm ??= typeof this.source === 'function' ? this.source() : this.source;
    return this.ownEm;
  }

  load<K, V>(definition: LoaderDefinition<K, V>, key: K): Promise<V> {
    return this.loader(definition).load(key);
  }

  loadMany<K, V>(definition: LoaderDefinition<K, V>, keys: readonly K[]): Promise<V[]> {
    return Promise.all(keys.map((key) => this.load(definition, key)));
  }

  private loader<K, V>(definition: LoaderDefinition<K, V>): DataLoader<K, V, unknown> {
    const id = definition as unknown as LoaderDefinition<never, unknown>;
    const known = this.loaders.get(id) as DataLoader<K, V, unknown> | undefined;
    if (known) return known;
    const made = new DataLoader<K, V, unknown>((keys) => definition.batch(keys, this), {
      cacheKeyFn: definition.cacheKey ?? ((key) => key),
      cache: definition.remember ?? true,
    });
    this.loaders.set(id, made as unknown as DataLoader<never, unknown, unknown>);
    return made;
  }
}

/** Answers of a batch query in the order of the keys; `missing` makes the answer for a key without a row. */
export function inKeyOrder<K, R, V>(
  keys: readonly K[],
  rows: Iterable<R>,
  keyOf: (row: R) => K,
  valueOf: (row: R | undefined) => V,
): V[] {
  const byKey = new Map<K, R>();
  for (const row of rows) byKey.set(keyOf(row), row);
  return keys.map((key) => valueOf(byKey.get(key)));
}

/** The rows of each key, in the order of the keys and, within one, of the rows. */
export function groupedByKey<K, R>(keys: readonly K[], rows: Iterable<R>, keyOf: (row: R) => K): R[][] {
  const groups = Map.groupBy(rows, keyOf);
  return keys.map((key) => groups.get(key) ?? []);
}
