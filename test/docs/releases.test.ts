import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const releases = JSON.parse(readFileSync(path.join(root, 'releases.json'), 'utf8')) as {
  version: string;
  date: string;
  commit: string;
}[];

test('each released version is dated in the changelog as releases.json says, newest first', () => {
  const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const dated = [...changelog.matchAll(/^## \[(\d+\.\d+\.\d+)\] - (\S+)$/gm)].map(([, version, date]) => ({
    version,
    date,
  }));
  expect(dated).toEqual(releases.map(({ version, date }) => ({ version, date })));
});

test.each(releases)('version $version is in the history at its commit', ({ version, commit }) => {
  const manifest = execFileSync('git', ['show', `${commit}:package.json`], { cwd: root, encoding: 'utf8' });
  expect(JSON.parse(manifest)).toMatchObject({ name: 'orderweave', version });
});
