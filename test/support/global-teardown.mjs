import { rmSync } from 'node:fs';
import path from 'node:path';

export default async function tearDown() {
  await globalThis.stopTestPostgres?.();
  const root = path.resolve(import.meta.dirname, '../..');
  rmSync(path.join(root, '.cache', 'test-postgres', String(process.pid)), { recursive: true, force: true });
}
