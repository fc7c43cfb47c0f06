import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from '@jest/globals';
import { freePort } from './free-port.ts';

const PROGRAM = 'nats-server';
const isInstalled = spawnSync(PROGRAM, ['--version']).status === 0;

/** `describe`, for what needs the program nats-server. Where that is missing, CI fails, and other runs say what they skip. */
export function describeWithNats(name: string, body: () => void): void {
  if (isInstalled) describe(name, body);
  else if (process.env.CI)
    test(name, () => {
      throw new Error(`${PROGRAM} is not installed; CI must not go without these tests (.ci/run)`);
    });
  else describe.skip(`${name} (skipped: the program ${PROGRAM} is not installed)`, body);
}

/** A NATS of its own, on an address that stays the same over its deaths. */
export interface NatsServer {
  url: string;
  /** Nothing happens when it runs already. */
  start: () => Promise<void>;
  /** SIGKILL. */
  kill: () => Promise<void>;
}

/** @param options e.g. `--user` and `--pass` */
export async function startNatsServer(options: string[] = []): Promise<NatsServer> {
  const port = await freePort();
  let running: ChildProcess | undefined;
  const server: NatsServer = {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      if (running) return;
      const child = spawn(PROGRAM, ['--addr', '127.0.0.1', '--port', String(port), ...options], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      running = child;
      await new Promise<void>((resolve, reject) => {
        let said = '';
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes('Server is ready')) resolve();
        });
        child.once('close', () => reject(new Error(`${PROGRAM} ended: ${said}`)));
      });
    },
    async kill() {
      const child = running;
      running = undefined;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
  await server.start();
  return server;
}
