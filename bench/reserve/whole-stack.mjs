import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cpuSeconds, hubNodeArguments, keepAsking } from '../http-load.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const ADMIN_KEY = 'bench-admin-key-0123456789';

const RESERVE = `mutation Reserve($input: ReserveInput!) {
  reserve(input: $input) {
    __typename
    ... on Reservation { id state expiresAt }
    ... on InsufficientStock { shortages { sku requested available } }
  }
}`;
/** Nothing but the protocol: no field of ours is reached. */
const NOTHING = 'mutation Nothing($no: Boolean = false) { __typename @skip(if: $no) }';

const bodies = {
  reserve: () => ({
    query: RESERVE,
    variables: {
      input: {
        idempotencyKey: randomUUID(),
        channel: 'douyin',
        reference: randomUUID(),
        lines: [{ sku: 'SKU-0000', quantity: 1 }],
      },
    },
  }),
  nothing: () => ({ query: NOTHING, variables: { no: false } }),
};

/** A hub process on the database: GraphQL over HTTP, key, ledger, live feed. This process makes the load. */
export async function startHub(databaseUrl) {
  const dataDir = path.join(root, '.cache', `bench-hub-${process.pid}`);
  mkdirSync(dataDir, { recursive: true });
  const child = spawn(process.execPath, [...hubNodeArguments, path.join(root, 'dist/src/main.js')], {
    env: {
      PATH: process.env.PATH,
      PORT: '0',
      DATABASE_URL: databaseUrl,
      HUB_DATA_DIR: dataDir,
      HUB_ADMIN_KEY: ADMIN_KEY,
      HUB_SAMPLE: 'off',
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      const ready = /ready at (\S+)/.exec(printed);
      if (ready) resolve(new URL(ready[1]));
    });
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}`)));
  });
  return {
    load: (options) => load(url, child.pid, options),
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * `callers` connections, each with one request at a time; CPU is that of the hub's process.
 * @param warmUpSeconds before it is measured
 */
async function load(url, pid, { callers, seconds, body, warmUpSeconds = 0.5 }) {
  await keepAllAsking(url, callers, body, performance.now() + warmUpSeconds * 1000);
  const [cpu, began] = [cpuSeconds(pid), performance.now()];
  const latencies = await keepAllAsking(url, callers, body, began + seconds * 1000);
  const elapsed = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / elapsed,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)],
    p99Ms: latencies[Math.floor(latencies.length * 0.99)],
    cpuMicros: ((cpuSeconds(pid) - cpu) * 1e6) / latencies.length,
  };
}

async function keepAllAsking(url, callers, body, until) {
  const latencies = [];
  const nextRequest = () => {
    const text = JSON.stringify(bodies[body]());
    return (
      `POST /graphql HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${ADMIN_KEY}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
    );
  };
  const isRight = (response) => !response.includes('"errors"');
  const connection = { port: url.port, host: url.hostname, nextRequest, isRight, until, latencies };
  await Promise.all(Array.from({ length: callers }, () => keepAsking(connection)));
  return latencies;
}
