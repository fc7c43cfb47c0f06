import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** The folder of the run of tests; what is started without the runner, e.g. `npm run torture`, has none. */
const parent = process.env.TEST_RUN_FOLDER ?? path.resolve(import.meta.dirname, '../../.cache/test-hubs');

/** An empty folder of its own, e.g. for a hub, and what removes it. */
export function ownFolder(): { folder: string; remove: () => void } {
  const folder = path.join(parent, randomBytes(6).toString('hex'));
  mkdirSync(folder, { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
