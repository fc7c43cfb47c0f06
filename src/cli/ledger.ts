import path from 'node:path';
import { parseArgs } from 'node:util';
import { databaseModel } from '../model.ts';
import { detachLedgerMonth, ledgerMonths } from '../inventory/index.ts';
import { loadConfig, type Config } from '../platform/process/config.ts';
import { claimDataDir } from '../platform/process/data-dir.ts';
import { connectOrm, locateDatabase, type Orm } from '../platform/database/database.ts';
import { createLogger } from '../platform/process/log.ts';

/**
 * Lists the months of the ledger, and detaches the oldest one:
 *   npm run ledger -- list
 *   npm run ledger -- detach 2026-01
 * On DATABASE_URL while hubs run; on the embedded database of HUB_DATA_DIR while its hub is stopped.
 */
const USAGE = `Usage:
  npm run ledger -- list
  npm run ledger -- detach YYYY-MM`;

try {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [command, month] = positionals;
  if (command === 'list') print(await onDatabase((orm) => ledgerMonths(orm.em.fork())));
  else if (command === 'detach' && /^\d{4}-(0[1-9]|1[0-2])$/.test(month ?? ''))
    print(await onDatabase((orm) => detachLedgerMonth(orm.em.fork(), month!)));
  else throw new Error(USAGE);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function onDatabase<Result>(use: (orm: Orm) => Promise<Result>): Promise<Result> {
  const config = loadConfig(process.env);
  const release = config.databaseUrl ? () => undefined : await claim(config);
  const database = await locateDatabase({
    databaseUrl: config.databaseUrl,
    clusterFolder: path.join(config.dataDir, 'postgres'),
    onLost: fail,
  });
  const orm = await connectOrm(database.url, databaseModel);
  try {
    return await use(orm);
  } finally {
    await orm.close();
    await database.stop();
    release();
  }
}

/** Nobody else may use the embedded database meanwhile. */
const claim = ({ dataDir }: Config) => claimDataDir(dataDir, { log: createLogger('warn'), onLost: fail });

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

function print(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
}
