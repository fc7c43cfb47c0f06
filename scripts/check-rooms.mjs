// The house rules that need no parser: files a folder, one job a file, and a pure room without clock or chance.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const MAX_FILES = 20;
/** Rooms whose results depend on their arguments alone. */
const PURE_ROOMS = ['src/routing/decide/', 'src/inventory/model/', 'src/customer/identity/'];
const IMPURE = /\bDate\.now\(|\bMath\.random\(|\bperformance\.|\bnew Date\(\)|\bprocess\./;

const root = path.resolve(import.meta.dirname, '..');
const files = execFileSync(
  'git',
  ['ls-files', 'src', 'connectors', 'client', 'console/src', 'test', 'bench'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .trim()
  .split('\n')
  .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.includes('/gql/'));

const problems = [];
// The records and helpers of the connector contract are one flat public interface.
const crowded = Map.groupBy(files, (file) => path.dirname(file));
for (const [folder, { length }] of crowded)
  if (length > MAX_FILES && folder !== 'connectors/spi')
    problems.push(`${folder} has ${length} files, more than ${MAX_FILES}: give them rooms by purpose`);
for (const file of files) {
  const isPure = PURE_ROOMS.some((room) => file.startsWith(room));
  if (!isPure && !file.endsWith('.job.ts')) continue;
  const text = readFileSync(path.join(root, file), 'utf8');
  const impure = isPure && IMPURE.exec(text);
  if (impure) problems.push(`${file} is in a pure room and uses ${impure[0]}`);
  const exported = text.match(/^export (?:async )?(?:class|function|const) \w+/gm) ?? [];
  if (file.endsWith('.job.ts') && exported.length !== 1)
    problems.push(`${file} exports ${exported.length} things, not one job`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
