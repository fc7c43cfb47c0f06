import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import path from 'node:path';

/**
 * What a router in front of the subgraphs costs: the same query (a customer → 10 orders → their lines) to the hub's
 * merged schema, and to @apollo/gateway, a process of its own, over the subgraphs that the very same hub serves.
 * Latency as one client sees it, and CPU of the hub and of the gateway by /proc (so on Linux only; without PostgreSQL).
 * `node bench/gateway-hop.mjs [requests a round] [rounds]`, after `npm run build`
 */
const root = path.resolve(import.meta.dirname, '..');
const dataDir = path.join(root, '.cache', 'bench-gateway-hop');
const key = 'bench-gateway-hop-key';
const TICKS_A_SECOND = 100;
const agent = new Agent({ keepAlive: true });
const query = `query ($id: ID!) { customer(id: $id) { id displayName orders(first: 10) { nodes {
  id externalId state placedAt total { amountMinor currency }
  lines { id quantity unitPrice { amountMinor currency } sku { code title } } } } } }`;

await (process.argv[2] === 'gateway' ? serveGateway(process.argv[3]) : compare());

/** The process of the gateway; ends with the one that started it. */
async function serveGateway(hub) {
  const { composeServices } = await import('@apollo/composition');
  const { ApolloGateway, RemoteGraphQLDataSource } = await import('@apollo/gateway');
  const { ApolloServer } = await import('@apollo/server');
  const { parse } = await import('graphql');
  const { supergraphSdl, errors } = composeServices(
    globSync('schema/*.graphql', { cwd: root, exclude: ['schema/api.graphql'] }).map((file) => {
      const name = path.basename(file, '.graphql');
      const typeDefs = parse(readFileSync(path.join(root, file), 'utf8'));
      return { name, url: `${hub}/subgraphs/${name}/graphql`, typeDefs };
    }),
  );
  if (errors) throw new AggregateError(errors);
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ url }) =>
      new RemoteGraphQLDataSource({
        url,
        willSendRequest: ({ request: call }) => call.http.headers.set('authorization', `Bearer ${key}`),
      }),
  });
  const server = new ApolloServer({ gateway });
  await server.start();
  // Without a web framework: what is measured is the hop.
  const http = createServer(async (incoming, outgoing) => {
    const { query: source, variables } = JSON.parse(Buffer.concat(await incoming.toArray()).toString());
    const { body } = await server.executeOperation({ query: source, variables });
    outgoing.setHeader('content-type', 'application/json');
    outgoing.end(JSON.stringify(body.singleResult));
  });
  http.listen(0, '127.0.0.1', () => console.log(`ready at http://127.0.0.1:${http.address().port}`));
  process.on('disconnect', () => process.exit());
}

async function compare() {
  const [requests, rounds] = [Number(process.argv[2] ?? 400), Number(process.argv[3] ?? 5)];
  rmSync(dataDir, { recursive: true, force: true });
  const children = [];
  try {
    const hub = await start([path.join(root, 'dist/src/main.js')], children, {
      PORT: '0',
      HUB_DATA_DIR: dataDir,
      HUB_ADMIN_KEY: key,
      HUB_SUBGRAPHS: 'all',
      LOG_LEVEL: 'warn',
    });
    const gateway = await start([import.meta.filename, 'gateway', hub.url], children, {
      NODE_ENV: 'production',
    });
    const id = await customerWithTenOrders(`${hub.url}/graphql`);
    const ways = {
      merged: { url: `${hub.url}/graphql`, pids: [hub.pid] },
      gateway: { url: gateway.url, pids: [hub.pid, gateway.pid] },
    };
    report(await measure(ways, id, requests, rounds), requests * rounds);
  } finally {
    agent.destroy();
    for (const child of children.toReversed()) {
      if (child.exitCode !== null) continue;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    }
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function start(args, children, env) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  const exit = once(child, 'exit').then(() => Promise.reject(new Error(`${args[0]} ended`)));
  exit.catch(() => undefined);
  const ready = (async () => {
    let printed = '';
    for await (const chunk of child.stdout) {
      printed += chunk;
      const [, url] = /ready at (\S+)/.exec(printed) ?? [];
      if (url) return { url, pid: child.pid };
    }
  })();
  return Promise.race([ready, exit]);
}

/** The one of the sample shop with the most lines in the newest ten orders. */
async function customerWithTenOrders(url) {
  const list =
    '{ orders(first: 100) { nodes { customer { id orders(first: 10) { nodes { lines { id } } } } } } }';
  const { orders } = (await post(url, { query: list })).data;
  const size = ({ orders: { nodes } }) => nodes.length * 100 + nodes.flatMap(({ lines }) => lines).length;
  const customers = orders.nodes.flatMap(({ customer }) => customer ?? []);
  const best = customers.toSorted((a, b) => size(b) - size(a))[0];
  const lines = best.orders.nodes.flatMap((order) => order.lines).length;
  console.log(`a customer with ${best.orders.nodes.length} orders of ${lines} lines`);
  return best.id;
}

/** Both ways in turn, so that what else the machine does meets both. */
async function measure(ways, id, requests, rounds) {
  const figures = Object.fromEntries(
    Object.keys(ways).map((name) => [name, { latencies: [], cpuSeconds: 0 }]),
  );
  const answers = {};
  for (let round = -1; round < rounds; round++)
    for (const [name, { url, pids }] of Object.entries(ways)) {
      const before = cpuSeconds(pids);
      for (let n = 0; n < requests; n++) {
        const began = performance.now();
        answers[name] = await post(url, { query, variables: { id } });
        if (round >= 0) figures[name].latencies.push(performance.now() - began); // the first round warms up
      }
      if (round >= 0) figures[name].cpuSeconds += cpuSeconds(pids) - before;
    }
  const [one, other] = Object.values(answers).map(({ data }) => JSON.stringify(data));
  if (one !== other || !one) throw new Error('the answers differ');
  return figures;
}

function report(figures, count) {
  const at = (list, share) => list.toSorted((a, b) => a - b)[Math.floor(list.length * share)];
  const rows = Object.entries(figures).map(([name, { latencies, cpuSeconds: cpu }]) => ({
    name,
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
    cpu: (cpu * 1000) / count,
  }));
  const [base] = rows;
  for (const { name, p50, p99, cpu } of rows)
    console.log(
      `${name.padEnd(8)} p50 ${p50.toFixed(2)} ms (${(p50 / base.p50).toFixed(1)} ×), p99 ${p99.toFixed(2)} ms ` +
        `(${(p99 / base.p99).toFixed(1)} ×), CPU ${cpu.toFixed(2)} ms a request (${(cpu / base.cpu).toFixed(1)} ×)`,
    );
}

/** User and system time of all threads. */
function cpuSeconds(pids) {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, part) => sum + part, 0) / TICKS_A_SECOND;
}

function post(url, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
    const call = request(url, { method: 'POST', agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    });
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
