import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** The thread beside the event loop: it writes by itself, since what it has to say is that the loop does not. */
const { shared, alarmMs } = workerData as { shared: Int32Array; alarmMs: number };

const LOOK_MS = Math.max(10, Math.min(250, alarmMs / 4));
const FATAL = 60;
const WARN = 40;
const STDERR = 2;
const sleeping = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

let tick = Atomics.load(shared, 0);
let turnedAt = performance.now();
let lookedAt = turnedAt;
let isStalled = false;

for (;;) {
  Atomics.wait(sleeping, 0, 0, LOOK_MS);
  const now = performance.now();
  // A paused process or machine stands still as a whole, this thread too: that is no stall of the loop.
  if (now - lookedAt > alarmMs) turnedAt = now;
  lookedAt = now;
  const current = Atomics.load(shared, 0);
  if (current !== tick) {
    if (isStalled) write(WARN, now - turnedAt, 'the event loop turns again');
    isStalled = false;
    tick = current;
    turnedAt = now;
  } else if (!isStalled && now - turnedAt >= alarmMs) {
    isStalled = true;
    write(FATAL, now - turnedAt, 'the event loop stands still; nothing is served');
  }
}

/** One line as pino writes it, at once: the main thread may never flush anything again. */
function write(level: number, stalledMs: number, msg: string): void {
  const { rss } = process.memoryUsage();
  const line = { level, time: Date.now(), stalledMs: Math.round(stalledMs), rssBytes: rss, msg };
  try {
    writeSync(STDERR, `${JSON.stringify(line)}\n`);
  } catch {
    // a pipe that is full or closed has no reader
  }
}
