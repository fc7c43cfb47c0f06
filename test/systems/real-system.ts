import { describe, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { packageRoot } from '../../src/platform/process/package-root.ts';
import { freePort } from '../support/free-port.ts';

/** A real system that runs beside the tests. */
export interface RealSystem {
  url: string;
  /** What it keeps from run to run. */
  folder: string;
  stop(): Promise<void>;
}

/** Tests against a real system are asked for by its name, since they install it: `SYSTEMS=tryton npm test -- test/systems/tryton`. */
export function describeReal(name: string, tests: () => void): void {
  if (process.env.SYSTEMS?.split(',').includes(name)) return describe(`${name}, the real one`, tests);
  return describe(`${name}, the real one`, () => {
    test.skip(`skipped: it is installed and started only when SYSTEMS names it (SYSTEMS=${name})`, () =>
      undefined);
  });
}

/**
 * Starts a system by its `up.sh` and waits until it answers; what it says is kept beside its data.
 * @param more arguments of `up.sh` behind folder and port
 */
export async function startSystem(name: string, more: readonly string[] = []): Promise<RealSystem> {
  const folder = path.join(packageRoot(), '.cache', 'systems', name);
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const script = path.join(packageRoot(), 'test', 'systems', name, 'up.sh');
  const log = createWriteStream(`${folder}.log`);
  await once(log, 'open');
  const child = spawn('bash', [script, folder, String(port), ...more], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error(`${name} did not start; ${folder}.log says why.`);
    await delay(250);
  }
  return {
    url,
    folder,
    async stop() {
      const ended = once(child, 'exit');
      process.kill(-child.pid!, 'SIGTERM');
      await ended;
      log.close();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  );
}
