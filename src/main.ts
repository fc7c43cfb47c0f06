import { createLogger, type Logger } from './platform/log.ts';
import { ConfigError, loadConfig } from './platform/config.ts';
import { obtainAdminKey } from './platform/access.ts';
import { startHub, type Hub } from './hub.ts';

/** The process: environment in, signals handled, a few lines for the person who started it. */
const began = performance.now();
try {
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  const { key, generated, keep } = obtainAdminKey(config.adminKey, config.dataDir);
  const starting = startHub({ ...config, adminKey: key }, log);
  endOnSignals(starting, log);
  const { url } = await starting;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const lines = [`Orderweave is ready at ${url} after ${seconds} s (GraphQL at ${url}/graphql).`];
  if (generated) lines.push(`Admin key, shown this once: ${key}`, `First page, signed in: ${url}/#key=${key}`);
  process.stdout.write(`${lines.join('\n')}\n`);
  keep();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : `The hub did not start: ${(error as Error).stack}`}\n`);
  process.exit(1);
}

/** SIGTERM and SIGINT end the hub in order, also one that is still starting. */
function endOnSignals(starting: Promise<Hub>, log: Logger): void {
  let stopping = false;
  const end = async (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    try {
      await (await starting).stop();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'the hub did not stop cleanly');
      process.exit(1);
    }
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
