import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A new folder under the git-ignored `.cache/`, removed when the test file is done. */
export async function tempFolder(): Promise<string> {
  const parent = path.resolve('.cache', 'test-connectors');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(path.join(parent, 'files-'));
  made.push(folder);
  return folder;
}
