import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cpuSeconds } from '../http-load.mjs';

const root = path.resolve(import.meta.dirname, '../..');
export const KEY = 'bench-admin-key-0123456789';

/** The hub itself, on a database. HUB_NODE_ARGUMENTS are given to it, e.g. `--cpu-prof --cpu-prof-dir=…`. */
export async function startHub(databaseUrl) {
  const dataDir = path.join(root, '.cache', `bench-fanout-${process.pid}`);
  mkdirSync(dataDir, { recursive: true });
  const server = start([path.join(root, 'dist/src/main.js')], {
    PORT: '0',
    DATABASE_URL: databaseUrl,
    HUB_DATA_DIR: dataDir,
    HUB_ADMIN_KEY: KEY,
    HUB_SAMPLE: 'off',
    HUB_SOCKETS_PER_KEY: '1000000',
    HUB_SOCKET_PING_SECONDS: '3600', // the other two do not ping; and who is paused on purpose does not answer
    LOG_LEVEL: 'warn',
  });
  const [url] = await printed(server, /ready at (\S+)/);
  return {
    ...handle(server, url),
    async stop() {
      await server.end();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What is compared with: `raw` or `stock`. */
export async function startOther(kind) {
  const server = start([path.join(import.meta.dirname, `${kind}-server.mjs`)], {});
  const [url] = await printed(server, /ready at (\S+)/);
  return { ...handle(server, url), stop: server.end };
}

function handle({ child }, url) {
  return {
    url,
    pid: child.pid,
    cpuSeconds: () => cpuSeconds(child.pid),
    tell: (message) => child.send(message),
    ended: once(child, 'exit').then(([code, signal]) => ({ code, signal })),
    async memory() {
      child.send('memory');
      const [{ memory }] = await once(child, 'message');
      return memory;
    },
  };
}

function start(args, environment) {
  const probe = path.join(import.meta.dirname, 'memory-probe.mjs');
  const more = (process.env.HUB_NODE_ARGUMENTS ?? '').split(' ').filter(Boolean);
  const child = spawn(process.execPath, ['--expose-gc', '--import', probe, ...more, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  return {
    child,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

function printed({ child }, pattern) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = pattern.exec(text);
      if (found) resolve([found[1]]);
    });
    child.once('exit', (code) => reject(new Error(`a server ended with ${code}`)));
  });
}
