import { createLogger } from './platform/log.ts';
import { ConfigError, loadConfig } from './platform/config.ts';
import { obtainAdminKey } from './platform/access.ts';
import { startHub } from './hub.ts';

/** The process: environment in, signals handled, one line for the person who started it. */
const began = performance.now();
try {
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  const { key, generated } = obtainAdminKey(config.adminKey, config.dataDir);
  const hub = await startHub({ ...config, adminKey: key }, log);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const lines = [`Orderweave is ready at ${hub.url} after ${seconds} s (GraphQL at ${hub.url}/graphql).`];
  if (generated)
    lines.push(`Admin key, shown this once: ${key}`, `First page, signed in: ${hub.url}/#key=${key}`);
  process.stdout.write(`${lines.join('\n')}\n`);

  let stopping = false;
  const end = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    hub.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the hub did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : `The hub did not start: ${(error as Error).stack}`}\n`);
  process.exit(1);
}
