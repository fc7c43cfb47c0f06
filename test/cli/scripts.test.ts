import { expect, test } from '@jest/globals';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../src/platform/process/package-root.ts';
import { run, runScript } from '../support/run-script.ts';

const root = packageRoot();
const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** Scripts that are commands of people: each says how it is used. */
const COMMANDS = ['key', 'ledger', 'conformance', 'new-connector'];
/** What runs the others. */
const RUN_ELSEWHERE: Record<string, string> = {
  prepare: 'below, and by npm ci',
  build: 'prepare',
  'build:server': 'build',
  'build:schema': 'build, and test/generated',
  'build:console': 'build',
  prestart: 'test/platform/process/first-start.test.ts',
  start: 'test/platform/process/first-start.test.ts',
  test: 'this run',
  'test:faults': 'CI, after the tests',
  typecheck: 'CI',
  lint: 'CI',
  format: 'lint asks whether there is anything to format',
  'check:generated': 'CI',
  torture: 'test/invariants/torture.test.ts has a short one',
  'live:long': 'test/invariants/live-feed.test.ts has a short one',
};

test('every npm script is run by something', () => {
  expect(Object.keys(scripts).sort()).toEqual([...COMMANDS, ...Object.keys(RUN_ELSEWHERE)].sort());
});

test.each(COMMANDS)('npm run %s -- --help prints how it is used', async (name) => {
  const { code, stdout, stderr } = await runScript(name, ['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage:\s+npm run /);
});

test.each(COMMANDS)('npm run %s without arguments says what is missing, and how it is used', async (name) => {
  const { code, stdout, stderr } = await runScript(name);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/Usage:\s+npm run /);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test.each(['start', 'torture'])('npm run %s has help, and refuses what it does not know', async (name) => {
  const help = await runScript(name, ['--help']);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^Usage: npm (run )?\w+/);
  const nonsense = await runScript(name, ['--nonsense']);
  expect(nonsense).toMatchObject({ code: 2, stdout: '' });
  expect(nonsense.stderr).toMatch(/nonsense[^]*Usage: npm /);
  expect(nonsense.stderr).not.toMatch(/\n\s+at /);
});

const programs = readdirSync(path.join(root, 'src/cli')).filter((name) => name !== 'run-command.ts');

test.each(programs)('src/cli/%s has help', async (name) => {
  const built = path.join(root, 'dist/src/cli', name.replace('.ts', '.js'));
  const { code, stdout, stderr } = await run(process.execPath, [built, '-h']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage:/);
});

const connectors = readdirSync(path.join(root, 'connectors'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'spi' && !entry.name.startsWith('made-'))
  .map(({ name }) => name);

test.each(['files', 'sample-api'])('npm run conformance -- connectors/%s: it conforms', async (name) => {
  const { code, stdout, stderr } = await runScript('conformance', [`connectors/${name}`]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^(✓ .*\n){5,}.* conforms\.\n$/);
});

// Their rules are proved in test/connectors/conformance.test.ts; here, that each kit works outside of the test runner.
test('every connector has a kit that the command can load', async () => {
  const files = connectors.map((name) =>
    ['connectors', 'test/connectors']
      .map((folder) => path.join(root, folder, name, 'conformance.ts'))
      .find((file) => existsSync(file)),
  );
  expect(files).not.toContain(undefined);
  const program = `for (const file of ${JSON.stringify(files)})
    console.log((await import(file)).default.connector.spec.id);`;
  const flags = ['--experimental-transform-types', '--disable-warning=ExperimentalWarning'];
  const { stdout, stderr } = await run(process.execPath, [...flags, '--input-type=module', '-e', program]);
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toHaveLength(connectors.length);
});

test('conformance names the places where it has looked for a kit', async () => {
  const { code, stderr } = await runScript('conformance', ['connectors/nobody']);
  expect(code).toBe(2);
  expect(stderr).toContain('connectors/nobody has no conformance kit: there is no ');
  expect(stderr).toContain('test/connectors/nobody/conformance.ts');
});

test('prepare does not fail where development packages are left out', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'orderweave-prepare-'));
  try {
    mkdirSync(path.join(folder, 'scripts'));
    const script = path.join(folder, 'scripts/prepare.mjs');
    copyFileSync(path.join(root, 'scripts/prepare.mjs'), script);
    const { code, stdout } = await run(process.execPath, [script]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('nothing is built') });
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(scripts.prepare).toBe('node scripts/prepare.mjs');
});
