import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** Fails when what is generated from the code and committed, the schema and the typed operations, is stale. */
const root = path.resolve(import.meta.dirname, '..');
const run = (command, ...args) => spawnSync(command, args, { cwd: root, encoding: 'utf8' });
const generated = [':(glob)schema/*.graphql', 'console/src/gql', 'client/live-atp/gql', 'test/generated'];

const built = run('npm', 'run', '--silent', 'build:schema');
if (built.status !== 0) {
  process.stderr.write(built.stdout + built.stderr);
  process.exit(1);
}
const { stdout } = run('git', 'status', '--porcelain', '--', ...generated);
if (stdout !== '') {
  process.stderr.write(`Stale generated files; run "npm run build:schema" and commit them:\n${stdout}`);
  process.exit(1);
}
