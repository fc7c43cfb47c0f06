import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startHub, type RunningHub } from '../support/hub.ts';
import { fencesOfSection, matchesJson, matchesText, root, type Fence } from '../support/markdown.ts';

/** The tour of the README as a reader would paste it: every block, in order, in one shell. */
const tour = fencesOfSection('README.md', /^A tour/);
const steps = stepsOf(tour);
const END_OF_STEP = '--- end of step ---';

let hub: RunningHub;
let outputs: string[];

beforeAll(async () => {
  hub = await startHub({ sample: true });
  outputs = await run(steps.map(({ commands }) => commands));
}, 180_000);
afterAll(async () => {
  await hub?.stop();
});

interface Step {
  commands: string;
  printed: Fence | undefined;
}

/** A block of commands, with the answer printed below it, where there is one. */
function stepsOf(fences: Fence[]): Step[] {
  return fences.flatMap(({ language, text }, index) => {
    if (language !== 'bash') return [];
    const next = fences[index + 1];
    return [{ commands: text, printed: next && next.language !== 'bash' ? next : undefined }];
  });
}

async function run(blocks: string[]): Promise<string[]> {
  const script = ['set -euo pipefail', ...blocks.map((block) => `${block}\necho '${END_OF_STEP}'`)].join(
    '\n',
  );
  const environment = {
    PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
    HUB: hub.url,
    KEY: hub.adminKey,
    HUB_DATA_DIR: hub.dataDir,
  };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: root,
    env: environment,
    timeout: 120_000,
  });
  return stdout.split(`${END_OF_STEP}\n`).slice(0, -1);
}

test('the tour has steps with answers', () => {
  expect(steps.filter(({ printed }) => printed).length).toBeGreaterThanOrEqual(9);
});

test('every block runs', () => {
  expect(outputs).toHaveLength(steps.length);
});

describe('answers are the ones that the README prints', () => {
  test.each(steps.map(({ printed }, index) => [index, printed] as const))('block %i', (index, printed) => {
    const output = outputs[index]!;
    if (!printed) return expect(output).toBe('');
    const same =
      printed.language === 'json'
        ? matchesJson(JSON.parse(printed.text), JSON.parse(output))
        : matchesText(printed.text, output);
    // On a difference, both are shown.
    if (!same) expect(output).toBe(printed.text);
  });
});

test('the Chinese README has the same commands and answers', () => {
  expect(fencesOfSection('README.zh-CN.md', /导览/)).toEqual(tour);
});

test('the comparison can fail', () => {
  expect(matchesJson({ a: 1, id: '…' }, { a: 1, id: 'x' })).toBe(true);
  expect(matchesJson({ a: 1, id: '…' }, { a: 2, id: 'x' })).toBe(false);
  expect(matchesJson({ id: '…' }, { id: null })).toBe(false);
  expect(matchesJson({ a: [] }, { a: [1] })).toBe(false);
  expect(matchesText('{"id":"…","n":4}\n', '{"id":"abc","n":4}\n')).toBe(true);
  expect(matchesText('{"id":"…","n":4}\n', '{"id":"abc","n":5}\n')).toBe(false);
  expect(matchesText('{"id":"…","n":4}\n', '{"id":"","n":4}\n')).toBe(false);
});
