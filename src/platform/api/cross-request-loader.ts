import type { LoaderDefinition, RequestContext } from './request-context.ts';

/** So many keys are asked for at once at most. */
const MAX_KEYS = 1_000;
/** Answers serve those who come just after, too. Errors do not: what was unknown may be known by now. */
const REMEMBERED_MS = 1_000;
const MAX_REMEMBERED = 20_000;

interface Waiting<K, V> {
  key: K;
  settle: (answer: V | Error) => void;
  fail: (error: unknown) => void;
}

/**
 * Loads over all operations what a loader loads within one: while one statement is under way, the next gathers, each
 * key once. However many ask within a short time (clients that all come back), the statements are few, and none grows
 * beyond a bound. For what hardly ever changes.
 */
export class CrossRequestLoader<K, V> {
  private readonly waiting: Waiting<K, V>[] = [];
  private loading: Promise<void> | undefined;
  private readonly remembered = new Map<unknown, V>();
  private forgetAt = 0;

  constructor(
    private readonly definition: LoaderDefinition<K, V>,
    /** A context for one batch. */
    private readonly contextOf: () => RequestContext,
  ) {}

  /** @throws what the loader answers for the key if that is an error */
  load(key: K): Promise<V> {
    if (performance.now() > this.forgetAt) this.remembered.clear();
    const known = this.remembered.get(this.idOf(key));
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const settle = (answer: V | Error) => (answer instanceof Error ? reject(answer) : resolve(answer));
      this.waiting.push({ key, settle, fail: reject });
      this.loading ??= this.loadAll();
    });
  }

  private async loadAll(): Promise<void> {
    await Promise.resolve(); // what is asked in the same turn is asked together
    while (this.waiting.length > 0) {
      const batch = this.nextBatch();
      try {
        const askers = [...batch.values()];
        const answers = await this.definition.batch(
          askers.map(([first]) => first!.key),
          this.contextOf(),
        );
        askers.forEach((asked, index) => {
          this.remember(asked[0]!.key, answers[index]!);
          for (const { settle } of asked) settle(answers[index]!);
        });
      } catch (error) {
        for (const { fail } of [...batch.values()].flat()) fail(error);
      }
    }
    this.loading = undefined;
  }

  private nextBatch(): Map<unknown, Waiting<K, V>[]> {
    const batch = new Map<unknown, Waiting<K, V>[]>();
    let taken = 0;
    for (const asker of this.waiting) {
      const id = this.idOf(asker.key);
      const same = batch.get(id);
      if (!same && batch.size === MAX_KEYS) break;
      if (same) same.push(asker);
      else batch.set(id, [asker]);
      taken += 1;
    }
    this.waiting.splice(0, taken);
    return batch;
  }

  private remember(key: K, answer: V | Error): void {
    if (answer instanceof Error || answer === null) return;
    if (this.remembered.size === 0) this.forgetAt = performance.now() + REMEMBERED_MS;
    if (this.remembered.size < MAX_REMEMBERED) this.remembered.set(this.idOf(key), answer);
  }

  private idOf(key: K): unknown {
    return this.definition.cacheKey?.(key) ?? key;
  }
}
