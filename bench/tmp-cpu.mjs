import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { freshDatabase, seed } from './reserve/postgres.mjs';
import { startEngines } from './reserve/engines.mjs';
const db = await freshDatabase();
await seed(db.query);
await db.query('analyze');
if (process.env.PRE) await db.query(process.env.PRE);
const shape = process.argv[2] ?? 'hot',
  secs = Number(process.argv[3] ?? 4);
const ticks = (pid) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(f[11]) + Number(f[12])) * 10;
};
const e = await startEngines(db.url, 1, process.argv[4] ? process.argv[4].split(' ') : []);
for (const callers of (process.env.CALLERS ?? '64,256,1').split(',').map(Number)) {
  if (callers === 1) await e.load({ callers: 4, seconds: 0.1, shape });
  else await e.load({ callers, seconds: 0.5, shape });
  const [{ pid }] = await db.query(
    `select pid from pg_stat_activity where application_name = 'orderweave promise engine'`,
  );
  if (process.env.PERF) {
    const { spawn } = await import('node:child_process');
    spawn('perf', ['record', '-g', '-p', String(pid), '-o', process.env.PERF, '--', 'sleep', '3'], {
      stdio: 'ignore',
    });
  }
  const all = await db.query(
    `select pid, coalesce(application_name, '') || ' ' || backend_type as name from pg_stat_activity where pid <> pg_backend_pid()`,
  );
  const before = new Map(all.map(({ pid }) => [pid, ticks(pid)]));
  const [{ lsn }] = await db.query('select pg_current_wal_lsn() lsn');
  const [{ n: n0 }] = await db.query('select count(*)::int n from reservation');
  const r = await e.load({ callers, seconds: secs, shape });
  const [{ n: n1 }] = await db.query('select count(*)::int n from reservation');
  const [{ w }] = await db.query(`select pg_current_wal_lsn() - $1::pg_lsn as w`, [lsn]);
  const n = n1 - n0;
  console.log(
    `${shape} ${callers}: ${Math.round(r.perSecond)}/s p50 ${r.p50Ms.toFixed(1)} p99 ${r.p99Ms.toFixed(1)} batch ${r.meanBatch.toFixed(0)} node ${r.cpuMicros.toFixed(0)} us, WAL ${(w / n).toFixed(0)} B; pg CPU us: ` +
      all
        .map(({ pid, name }) => [name, ((ticks(pid) - before.get(pid)) * 1000) / n])
        .filter(([, v]) => v >= 1)
        .map(([k, v]) => `${k} ${v.toFixed(0)}`)
        .join(', '),
  );
}
await e.stop();
await db.stop();
console.log('load', readFileSync('/proc/loadavg', 'utf8').trim());
