import { randomUUID } from 'node:crypto';
import { freshDatabase, seed } from './reserve/postgres.mjs';
import { basketsOf } from './reserve/baskets.mjs';
const { openBatch, closeBatch } = await import('../dist/src/inventory/engine/run-batch.js');
const { EngineSession } = await import('../dist/src/inventory/engine/engine-session.js');
const db = await freshDatabase(); await seed(db.query); await db.query('analyze');
if (process.env.PRE) await db.query(process.env.PRE);
const session = await EngineSession.connect(db.url, console.error); const client = session.client;
const size = Number(process.argv[2] ?? 64);
const next = basketsOf('hot');
const mk = () => { const key = randomUUID(); return { command: {type:'reserve', channel:'douyin', pool: undefined, reference: randomUUID(), lines: next(), ttlSeconds: undefined, partial:false}, actor: {partner:'bench',name:'bench',admin:true}, idempotency: {key, operation:'reserve', bodyHash: randomUUID()+randomUUID()}}; };
const one = async () => { session.beforeBatch(); const o = await openBatch(client, Array.from({length:size}, mk)); return (await closeBatch(client, o)).done; };
for (let i=0;i<150;i++) await one();
// wall per statement, sequential
const times = new Map(); const orig = client.query.bind(client); let chain = Promise.resolve();
client.query = (q, ...r) => { const name = typeof q === 'string' ? q.slice(0, 30) : q.name; const p = chain.then(async () => { const b = performance.now(); try { return await orig(q, ...r);} finally { const t = times.get(name) ?? {n:0,ms:0}; t.n++; t.ms += performance.now()-b; times.set(name,t);} }); chain = p.catch(()=>{}); return p; };
const N = 150; const b = performance.now();
for (let i=0;i<N;i++) await one();
console.log('batch', ((performance.now()-b)/N).toFixed(2)); let sum = 0;
for (const [k,t] of times) { console.log(k.padEnd(32), (t.ms/N).toFixed(3)); sum += t.ms/N; } console.log('sum', sum.toFixed(2));
const args = new Map();
client.query = (q, ...r) => { if (q.name) args.set(q.name.startsWith('write-batch') ? 'write' : q.name, q); return orig(q, ...r); };
await one();
client.query = orig;
if (process.argv[3]) for (const name of process.argv[3].split(',')) {
  const q = args.get(name); await client.query('begin');
  const lit = q.values.map(v => v === null ? 'null' : `'${v.replaceAll("'", "''")}'`).join(',');
  let text = q.text;
  if (name==='write') { const v=[...q.values]; const ids = JSON.parse('['+v[0].slice(1,-1)+']'); const map = new Map(ids.map(i=>[i,randomUUID()])); q.values = v.map(x => x.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, m => map.get(m) ?? m)); }
  if (name==='claim-keys') q.values = q.values.map((v,i)=> i===1 ? v.replaceAll('"-','').replaceAll('{"','{"x').replaceAll(',"',',"x') : v);
  const { rows } = await client.query({ text: 'explain (analyze, buffers, wal, verbose off) ' + text, values: q.values });
  console.log('==', name); console.log(rows.map(r=>r['QUERY PLAN']).join('\n'));
  await client.query('rollback');
}
await client.end(); await db.stop();
