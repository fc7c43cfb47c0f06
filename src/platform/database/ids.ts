import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a text has the form of our ids. Anything else cannot exist, and must not reach a uuid column. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Random bytes of one id. */
const BYTES = 16;
/** Asking for random bytes takes five times as long as making an id of them, so they are asked for by the page. */
const page = new Uint8Array(4096);
let used = page.length;

/** The newest id's time in milliseconds, and its number within that. */
let msecs = -Infinity;
let seq = 0;

/**
 * A new id: a UUID of version 7 (RFC 9562), so that new rows stand together in an index. Those of one process are in
 * the order in which they were made, within a millisecond too: they count up from a random number (method 1 of §6.2).
 */
export function newId(): string {
  const random = nextRandom();
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // 31 of its 32 bits, so that there is room to count.
    seq = ((random[0]! & 0x7f) << 24) | (random[1]! << 16) | (random[2]! << 8) | random[3]!;
  } else seq += 1;
  return v7({ random, msecs, seq });
}

function nextRandom(): Uint8Array {
  if (used === page.length) {
    randomFillSync(page);
    used = 0;
  }
  used += BYTES;
  return page.subarray(used - BYTES, used);
}
