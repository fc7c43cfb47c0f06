import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Check, ConformanceKit } from '../../connectors/spi/conformance/index.ts';
import { packageRoot } from '../platform/process/package-root.ts';
import { mappingTools } from '../sync/mapping/index.ts';
import { runCommand, UsageError } from './run-command.ts';

/** Tests the connector of a folder against the contract. */
const USAGE = `Usage: npm run conformance -- FOLDER_OF_A_CONNECTOR
The folder has a conformance.js (or is such a file) whose default export is a ConformanceKit (docs/connector-spi.md).
The kits of most connectors in this repository are in test/connectors/NAME/conformance.ts.`;

await runCommand(USAGE, async ([given]) => {
  if (given === undefined) throw new UsageError('Name the folder of a connector.');
  const { file, suite } = kitOf(given);
  const { default: kit } = (await load(file)) as { default?: ConformanceKit };
  if (!kit?.connector) throw new UsageError(`${file} has no ConformanceKit as its default export.`);
  const { checks } = (await load(suite)) as { checks: readonly Check[] };
  let broken = 0;
  for (const check of checks) {
    const problem = await problemOf(check, kit);
    if (problem === undefined) continue;
    if (problem) broken += 1;
    console.log(problem ? `✗ ${check.name}\n    ${problem}` : `✓ ${check.name}`);
  }
  if (broken > 0) throw new Error(`${broken} rules are broken.`);
  console.log(`${kit.connector.spec.id} conforms.`);
});

function load(file: string): Promise<unknown> {
  return import(pathToFileURL(file).href);
}

/** @returns undefined for a rule that does not concern the connector; '' where it holds; else how it was broken */
async function problemOf(check: Check, kit: ConformanceKit): Promise<string | undefined> {
  const bed = await kit.start();
  try {
    if (check.concerns && !check.concerns(kit, bed)) return undefined;
    await check.run(kit, bed, mappingTools);
    return '';
  } catch (error) {
    return (error as Error).message || String(error);
  } finally {
    await bed.stop();
  }
}

/**
 * Finds the kit, and the suite that means the same errors as its connector: built ones go with the built suite, the kits
 * among the tests, which are not built, with the source.
 */
function kitOf(given: string): { file: string; suite: string } {
  const folder = path.resolve(given);
  const root = packageRoot();
  const name = path.relative(path.join(root, 'connectors'), folder);
  const isOurs = name !== '' && !name.startsWith('..') && !path.isAbsolute(name);
  const suiteIn = (place: string, extension: string) =>
    path.join(place, 'connectors/spi/conformance', `index.${extension}`);
  const built = suiteIn(path.join(root, 'dist'), 'js');
  const source = suiteIn(root, 'ts');
  const candidates = isOurs
    ? [
        { file: path.join(root, 'dist/connectors', name, 'conformance.js'), suite: built },
        { file: path.join(root, 'test/connectors', name, 'conformance.ts'), suite: source },
      ]
    : [{ file: folder.endsWith('.js') ? folder : path.join(folder, 'conformance.js'), suite: built }];
  const found = candidates.find(({ file }) => existsSync(file));
  if (found) return found;
  const places = candidates.map(({ file }) => path.relative(process.cwd(), file) || file);
  throw new UsageError(`${given} has no conformance kit: there is no ${places.join(', and no ')}.`);
}
