import './platform/process/production-mode.ts';
import { createLogger, type Logger } from './platform/process/log.ts';
import { loadConfig } from './platform/process/config.ts';
import { describeStartFailure } from './platform/process/start-failure.ts';
import { watchEventLoop } from './platform/process/loop-watchdog.ts';
import { startTracing } from './platform/tracing/start-tracing.ts';
import type { Hub } from './hub.ts';

const START_MAY_TAKE_MS = 20_000;
const USAGE = `Usage: npm start
Runs the hub with its own PostgreSQL, a sample shop and the console. Settings are environment variables, among them:
  PORT, HOST        where it listens; 4000 on 127.0.0.1
  DATABASE_URL      a PostgreSQL of yours, 15 or newer
  HUB_DATA_DIR      the folder for all that it keeps
  HUB_ADMIN_KEY     the key that may do everything; made and shown once if left out
README.md has them all.`;

/** The process: environment in, signals handled, a few lines for the person who started it. */
const began = performance.now();
readCommandLine(process.argv.slice(2));
try {
  const config = loadConfig(process.env);
  // Only now: to load all of the hub takes a second or two, and a mistake in the configuration is said without it.
  const { startHub } = await import('./hub.ts');
  const log = createLogger(config.logLevel);
  surviveUnheardRejections(log);
  const endTracing = await startTracing(process.env);
  const endWatching = watchEventLoop(config.loopAlarmMs, log);
  const starting: Promise<Hub> = startHub(config, log, (error) => {
    log.fatal({ err: error }, 'fatal error, shutting down');
    void end(1);
  });
  const end = endOnce(starting, log, async () => {
    await endTracing();
    await endWatching();
  });
  endOnSignals(end, log);
  const { url, adminKey } = await starting;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const lines = [`Orderweave is ready at ${url} after ${seconds} s (GraphQL at ${url}/graphql).`];
  if (adminKey.generated)
    lines.push(
      `Admin key, shown this once: ${adminKey.key}`,
      `First page, signed in: ${url}/#key=${adminKey.key}`,
    );
  process.stdout.write(`${lines.join('\n')}\n`);
  adminKey.keep();
} catch (error) {
  process.stderr.write(`${describeStartFailure(error)}\n`);
  process.exit(1);
}

/** The hub takes no arguments; whoever gives some, or asks for help, learns where its settings are. */
function readCommandLine(args: string[]): void {
  if (args.length === 0) return;
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  process.stderr.write(`The hub takes no arguments, was given: ${args.join(' ')}\n${USAGE}\n`);
  process.exit(2);
}

/**
 * graphql-js 16 leaves the promises of a list unheard when another item fails at once, and Node would end the process
 * for that (ADR 22): one query must not end the hub for everybody.
 */
function surviveUnheardRejections(log: Logger): void {
  process.on('unhandledRejection', (reason) => {
    log.error({ err: reason }, 'unhandled promise rejection');
  });
}

/** SIGTERM and SIGINT end the hub in order, also one that is still starting. */
function endOnSignals(end: (code: number) => Promise<void>, log: Logger): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      log.info({ signal }, 'stopping');
      void end(0);
    });
}

/** Ends the process, with 1 when the hub did not stop cleanly; what comes while it ends changes nothing. */
function endOnce(
  starting: Promise<Hub>,
  log: Logger,
  endObserving: () => Promise<void>,
): (code: number) => Promise<void> {
  let ending = false;
  return async (code) => {
    if (ending) return;
    ending = true;
    const hangs = setTimeout(() => {
      log.error('the hub was told to stop while it started, and the start hangs');
      process.exit(1);
    }, START_MAY_TAKE_MS);
    try {
      const hub = await starting;
      clearTimeout(hangs);
      await hub.stop();
      await endObserving();
      process.exit(code);
    } catch (error) {
      log.error({ err: error }, 'the hub did not stop cleanly');
      process.exit(1);
    }
  };
}
