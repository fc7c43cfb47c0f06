import path from 'node:path';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Logger } from './log.ts';

/** Where the shared memory counts the turns of the loop. */
const TICK = 0;

const TICK_MS = 250;
/** Of the heap's limit, in percent: above the first it is said, below the second it may be said again. */
const FULL_PERCENT = 90;
const RELIEVED_PERCENT = 80;
/** V8 counts the room of new objects in its limit, three times 64 MB, which the old ones cannot have. */
const YOUNG_BYTES = 3 * 64 * 1024 * 1024;

/**
 * Says what a hub that cannot speak any more would say: a thread of its own writes a fatal line when the event loop has
 * not turned for `alarmMs`, once a stall, and another one when it turns again. The loop itself says when its heap is
 * nearly full, before V8 ends the process.
 * @returns what ends it
 */
export function watchEventLoop(alarmMs: number, log: Logger): () => Promise<void> {
  const shared = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(
    new URL(`./loop-watchdog-worker${path.extname(import.meta.url)}`, import.meta.url),
    {
      workerData: { shared, alarmMs },
      execArgv: [], // what the hub's process loads for itself is not for its workers
      resourceLimits: { maxOldGenerationSizeMb: 16 },
    },
  );
  worker.unref();
  worker.on('error', (error) => log.error({ err: error }, 'the watchdog of the event loop has ended'));
  const heap = new HeapAlarm(log);
  const timer = setInterval(() => {
    Atomics.add(shared, TICK, 1);
    heap.check();
  }, TICK_MS).unref();
  return async () => {
    clearInterval(timer);
    await worker.terminate();
  };
}

/** Logs that the heap is nearly full, once until it is relieved. */
class HeapAlarm {
  private isFull = false;

  constructor(private readonly log: Logger) {}

  check(): void {
    const { used_heap_size: used, heap_size_limit: total } = getHeapStatistics();
    const limit = Math.max(total - YOUNG_BYTES, total / 4);
    if (used < (limit * RELIEVED_PERCENT) / 100) this.isFull = false;
    else if (!this.isFull && oldBytes() >= (limit * FULL_PERCENT) / 100) {
      this.isFull = true;
      const fields = { heapUsedBytes: used, heapLimitBytes: limit };
      this.log.fatal(fields, 'the heap is nearly full; the process ends when its limit is reached');
    }
  }
}

/** Bytes of what has survived collections: only of these the limit ends the process. */
function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !name.startsWith('new_'))
    .reduce((sum, { space_used_size: used }) => sum + used, 0);
}
