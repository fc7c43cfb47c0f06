import { spawn, spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * What PostgreSQL alone does on one hot row: a conditional update and an insert, durably, with nothing around it.
 * `statements`: begin, update, insert, commit. `one`: both in one statement.
 */
const scripts = {
  statements: `begin;
update bench_hot set held = held + 1 where id = 1 and held + 1 <= on_hand;
insert into bench_sale (sku, units, at) values (1, 1, clock_timestamp());
commit;
`,
  one: `with taken as (update bench_hot set held = held + 1 where id = 1 and held + 1 <= on_hand returning id)
insert into bench_sale (sku, units, at) select id, 1, clock_timestamp() from taken;
`,
};

export async function preparePgbench(query) {
  await query(`create table bench_hot (id int primary key, on_hand int not null, held int not null default 0,
    check (held <= on_hand)) with (fillfactor = 50)`);
  await query('insert into bench_hot values (1, 2000000000)');
  await query(`create table bench_sale (id bigint generated always as identity primary key, sku int not null,
    units int not null, at timestamptz not null)`);
}

/** @returns the path of pgbench, or undefined where there is none */
export function findPgbench() {
  const [packaged] = globSync('/usr/lib/postgresql/*/bin/pgbench').toSorted().toReversed();
  if (packaged) return packaged;
  return spawnSync('pgbench', ['--version']).status === 0 ? 'pgbench' : undefined;
}

/** One run. @returns transactions a second and the mean latency in ms */
export async function runPgbench(pgbench, url, script, clients, seconds) {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-reserve-'));
  const file = path.join(folder, 'hot.sql');
  writeFileSync(file, scripts[script]);
  const threads = String(Math.min(2, clients));
  const args = [
    '-n',
    '-M',
    'prepared',
    '-c',
    String(clients),
    '-j',
    threads,
    '-T',
    String(seconds),
    '-f',
    file,
    url,
  ];
  try {
    const output = await collect(pgbench, args);
    const perSecond = Number(/tps = ([\d.]+)/.exec(output)?.[1]);
    if (!perSecond) throw new Error(`pgbench said: ${output}`);
    return { perSecond, meanMs: Number(/latency average = ([\d.]+)/.exec(output)?.[1]) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function collect(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
