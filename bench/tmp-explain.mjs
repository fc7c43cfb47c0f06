import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { freshDatabase, seed } from './reserve/postgres.mjs';
import { basketsOf } from './reserve/baskets.mjs';
const { runBatch } = await import('../dist/src/inventory/engine/run-batch.js');
const sql = await import('../dist/src/inventory/engine/lock-order.sql.js');
const db = await freshDatabase(); await seed(db.query); await db.query('analyze');
const client = new pg.Client({ connectionString: db.url }); await client.connect();
await client.query('set plan_cache_mode = force_custom_plan');
const next = basketsOf('hot');
const mk = () => { const key = randomUUID(); return { command: {type:'reserve', channel:'douyin', pool: undefined, reference: randomUUID(), lines: next(), ttlSeconds: undefined, partial:false}, actor: {partner:'bench',name:'bench',admin:true}, idempotency: {key, operation:'reserve', bodyHash: randomUUID()+randomUUID()}}; };
for (let i=0;i<150;i++) await runBatch(client, Array.from({length:64}, mk));
const args = new Map(); const orig = client.query.bind(client);
client.query = (q, ...r) => { if (q.name) args.set(q.name, q); return orig(q, ...r); };
await runBatch(client, Array.from({length:64}, mk));
client.query = orig;
for (const name of ['reclaim-expired','lock-balances','read-references','claim-keys','write-batch']) {
  const q = args.get(name); await client.query('begin');
  if (name==='claim-keys') q.values = [q.values[0].replaceAll('"key":"', '"key":"x')];
  if (name==='write-batch') { const v = JSON.parse(q.values[0]); for (const r of v.newReservations) r.id = randomUUID(); for (const r of v.newLines) r.reservationId = randomUUID(); q.values=[JSON.stringify(v)]; console.log('bytes', q.values[0].length);
   const keys = ['newReservations','newLines','movements','replies']; for (const k of keys) console.log(k, JSON.stringify(v[k]).length/64); }
  const { rows } = await client.query('explain (analyze, buffers, wal) '+q.text, q.values);
  const lines = rows.map(r=>r['QUERY PLAN']);
  console.log('==', name); console.log((process.argv[2]==='full' || name!=='write-batch' ? lines : lines.slice(-6)).join('\n'));
  await client.query('rollback');
}
await client.end(); await db.stop();
