import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { databaseModel } from '../model.ts';
import { detachLedgerMonth, ledgerMonths } from '../inventory/index.ts';
import { ConfigError, loadConfig, type Config } from '../platform/process/config.ts';
import { claimDataDir } from '../platform/process/data-dir.ts';
import { connectOrm, locateDatabase, type Orm } from '../platform/database/database.ts';
import { createLogger } from '../platform/process/log.ts';
import { print, runCommand, UsageError } from './run-command.ts';

/** Lists the months of the ledger, and detaches the oldest one. */
const USAGE = `Usage:
  npm run ledger -- list
  npm run ledger -- detach YYYY-MM
On DATABASE_URL while hubs run; on the embedded database of HUB_DATA_DIR while its hub is stopped.`;

await runCommand(USAGE, async (args) => {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [command, month] = positionals;
  if (command === 'list') print(await onDatabase((orm) => ledgerMonths(orm.em.fork())));
  else if (command === 'detach' && /^\d{4}-(0[1-9]|1[0-2])$/.test(month ?? ''))
    print(await onDatabase((orm) => detachLedgerMonth(orm.em.fork(), month!)));
  else throw new UsageError('Say `list`, or `detach` with a month like 2026-01.');
});

async function onDatabase<Result>(use: (orm: Orm) => Promise<Result>): Promise<Result> {
  const config = loadConfig(process.env);
  const clusterFolder = path.join(config.dataDir, 'postgres');
  if (!config.databaseUrl && !existsSync(clusterFolder))
    throw new ConfigError(
      `There is no embedded database in ${clusterFolder}. Set HUB_DATA_DIR to the hub's folder, or DATABASE_URL.`,
    );
  const release = config.databaseUrl ? () => undefined : await claim(config);
  try {
    const database = await locateDatabase({ databaseUrl: config.databaseUrl, clusterFolder, onLost: fail });
    try {
      const orm = await connectOrm(database.url, databaseModel);
      try {
        return await use(orm);
      } finally {
        await orm.close();
      }
    } finally {
      await database.stop();
    }
  } finally {
    release();
  }
}

/** Nobody else may use the embedded database meanwhile. */
function claim({ dataDir }: Config): Promise<() => void> {
  return claimDataDir(dataDir, { log: createLogger('warn'), onLost: fail });
}

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
