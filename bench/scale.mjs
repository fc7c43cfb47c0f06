import { cpus, loadavg } from 'node:os';
import { rmSync, statfsSync } from 'node:fs';
import path from 'node:path';
import { startScaleDatabase } from './scale/database.mjs';
import { generate } from './scale/generate.mjs';
import { measureFullAudit, measurePaths, measureSizes } from './scale/measure.mjs';
import { printRatios, printSizes } from './scale/report.mjs';

/**
 * Whether the hub stays flat as the shop grows: ATP of 100 SKUs, reserves and the incremental audit at 10,000 SKUs and
 * at the large size, in turn on two databases of one PostgreSQL; then the full audit and the sizes of tables.
 * `node bench/scale.mjs [SKUs] [ledger rows] [rounds] [seconds a measurement] [parts]`, by default
 * 1000000 10000000 5 4 full,paths,sizes
 * KEEP=1 leaves the data in .cache/bench-scale, and a next run takes what is there.
 */
const [skus = 1_000_000, movements = 10_000_000, rounds = 5, seconds = 4] = process.argv
  .slice(2, 6)
  .map(Number);
const parts = new Set((process.argv[6] ?? 'full,paths,sizes').split(','));
const SMALL = { name: 'scale_small', skus: 10_000, movements: 100_000 };
const large = { name: `scale_large_${skus}`, skus, movements };
const NODES = 20;
/** Of table and indexes, for a SKU with its levels; and for a movement with its share of reservations. */
const BYTES_A_SKU = 6_000;
const BYTES_A_MOVEMENT = 500;

const folder = path.resolve(import.meta.dirname, '../.cache/bench-scale');
const needed = skus * BYTES_A_SKU + movements * BYTES_A_MOVEMENT;
const { bavail, bsize } = statfsSync(path.resolve(import.meta.dirname, '..'));
if (bavail * bsize < 2 * needed)
  throw new Error(
    `${Math.ceil((2 * needed) / 1e9)} GB of disk are needed; ${Math.floor((bavail * bsize) / 1e9)} are free`,
  );

const server = await startScaleDatabase(folder);
const databases = [];
try {
  const load = () => loadavg()[0].toFixed(1);
  console.log(
    `PostgreSQL ${server.version}, Node ${process.version}, ${cpus().length} × ${cpus()[0].model}, load ${load()}`,
  );
  for (const size of [SMALL, large]) {
    const database = await server.database(size.name);
    await generate(database, { ...size, nodes: NODES });
    databases.push(database);
  }
  await server.durable();
  if (parts.has('full')) for (const database of databases) await measureFullAudit(database);
  if (parts.has('paths')) printRatios(await measurePaths(databases, { rounds, seconds }));
  if (parts.has('sizes')) printSizes(await measureSizes(databases.at(-1)));
  console.log(`load at the end ${load()}`);
} finally {
  for (const database of databases) await database.close();
  await server.stop();
  if (!process.env.KEEP) rmSync(folder, { recursive: true, force: true });
}
