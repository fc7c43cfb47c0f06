import type { EventRenderer } from '../../../platform/api/shared-event-source.ts';
import type { LiveUpdate } from './latest-value-queue.ts';
import { balanceKeyString } from '../../model/balance-key.ts';

/**
 * Rendered messages are used again for this long, in ms: enough for a crowd that comes, or wakes, at the same time.
 * Not longer, because a message may tell more of a SKU than its number, and that has no version.
 */
const KEPT_MS = 1_000;
const MAX_KEPT = 2_000;

/** The messages of one rendering: each update is rendered once, however many are told of it. */
export class RenderedMessageCache {
  private readonly kept = new Map<string, Buffer | Promise<Buffer>>();
  private clearing: NodeJS.Timeout | undefined;

  constructor(private readonly render: EventRenderer<LiveUpdate>) {}

  get(update: LiveUpdate): Buffer | Promise<Buffer> {
    const key = keyOf(update);
    const known = this.kept.get(key);
    if (known) return known;
    const made = this.render(update);
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    this.kept.set(key, made);
    this.clearing ??= setTimeout(() => this.forget(), KEPT_MS).unref();
    if (Buffer.isBuffer(made)) return made;
    return made.then((message) => {
      if (this.kept.has(key)) this.kept.set(key, message); // what is there need not be waited for
      return message;
    });
  }

  forget(): void {
    clearTimeout(this.clearing);
    this.clearing = undefined;
    this.kept.clear();
  }
}

function keyOf({ kind, reading, previousVersion, coalesced }: LiveUpdate): string {
  const { sku, pool, version } = reading;
  return `${kind} ${previousVersion} ${version} ${coalesced} ${balanceKeyString(sku, pool)}`;
}
