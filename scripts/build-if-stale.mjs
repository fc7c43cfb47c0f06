import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Builds what is missing or older than its sources, so that `npm start` and `npm test` need no other command, also
 * after `npm ci --ignore-scripts` or an edit.
 */
const root = path.resolve(import.meta.dirname, '..');
const at = (file) => (existsSync(path.join(root, file)) ? statSync(path.join(root, file)).mtimeMs : 0);
const newest = (patterns) => Math.max(0, ...globSync(patterns, { cwd: root }).map(at));

const steps = [
  {
    script: 'build:server',
    output: 'dist/src/main.js',
    sources: ['src/**/*.ts', 'connectors/**/*.ts', 'client/**/*', 'tsconfig*.json', 'package-lock.json'],
  },
  {
    script: 'build:console',
    output: 'dist/console/index.html',
    sources: ['console/**/*', 'client/**/*', 'schema/operations/**/*', 'package-lock.json'],
  },
];

for (const { script, output, sources } of steps) {
  if (at(output) >= newest(sources)) continue;
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
