import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';

/**
 * How long a start takes: cold (no data folder: initialises the database, migrates, writes and imports the sample
 * shop) and warm. Baseline of the same run: `node -e 0`, what starting any Node process costs here.
 * `node bench/start.mjs [runs]`
 */
const root = path.resolve(import.meta.dirname, '..');
const dataDir = path.join(root, '.cache', 'bench-start');
const runs = Number(process.argv[2] ?? 5);

async function seconds(args, isReady) {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, PORT: '0', HUB_DATA_DIR: dataDir, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  if (isReady) {
    let printed = '';
    for await (const chunk of child.stdout) {
      printed += chunk;
      if (isReady.test(printed)) break;
    }
  } else await exit;
  const took = (performance.now() - began) / 1000;
  child.kill('SIGTERM');
  await exit;
  return took;
}

const hub = [path.join(root, 'dist/src/main.js')];
const figures = { 'bare node': [], cold: [], warm: [] };
for (let run = 0; run < runs; run++) {
  figures['bare node'].push(await seconds(['-e', '0']));
  rmSync(dataDir, { recursive: true, force: true });
  figures.cold.push(await seconds(hub, /ready at/));
  figures.warm.push(await seconds(hub, /ready at/));
}
rmSync(dataDir, { recursive: true, force: true });

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const base = median(figures['bare node']);
for (const [name, list] of Object.entries(figures))
  console.log(
    `${name.padEnd(10)} median ${median(list).toFixed(2)} s, ${Math.min(...list).toFixed(2)} to ${Math.max(...list).toFixed(2)} s, ${(median(list) / base).toFixed(0)} × bare node`,
  );
