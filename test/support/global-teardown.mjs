import { removeRunFolder } from './run-folder.mjs';

export default async function tearDown() {
  await globalThis.stopTestPostgres?.();
  removeRunFolder();
}
