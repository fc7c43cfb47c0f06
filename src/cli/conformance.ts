import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { checks, type Check, type ConformanceKit } from '../../connectors/spi/conformance/index.ts';
import { packageRoot } from '../platform/process/package-root.ts';
import { mappingTools } from '../sync/index.ts';

/**
 * `npm run conformance -- ./my-connector`: judges the connector of a folder by the contract. The folder has a
 * `conformance.js` (or is such a file) whose default export is a ConformanceKit.
 */
async function main(given: string | undefined): Promise<number> {
  if (given === undefined) return usage('Name the folder of a connector.');
  const file = kitFile(path.resolve(given));
  if (!file) return usage(`${given} has no conformance.js.`);
  const { default: kit } = (await import(pathToFileURL(file).href)) as { default?: ConformanceKit };
  if (!kit?.connector) return usage(`${path.basename(file)} has no ConformanceKit as its default export.`);
  let broken = 0;
  for (const check of checks) {
    const problem = await judge(check, kit);
    if (problem === undefined) continue;
    if (problem) broken += 1;
    console.log(problem ? `✗ ${check.name}\n    ${problem}` : `✓ ${check.name}`);
  }
  console.log(broken === 0 ? `${kit.connector.spec.id} conforms.` : `${broken} rules are broken.`);
  return broken === 0 ? 0 : 1;
}

/** @returns undefined for a rule that does not concern the connector; '' where it holds; else how it was broken */
async function judge(check: Check, kit: ConformanceKit): Promise<string | undefined> {
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

/** A connector of this repository is judged as built, so that it and the suite mean the same errors. */
function kitFile(given: string): string | undefined {
  const inside = path.relative(path.join(packageRoot(), 'connectors'), given);
  const built =
    inside.startsWith('..') || path.isAbsolute(inside)
      ? given
      : path.join(packageRoot(), 'dist', 'connectors', inside);
  const file = built.endsWith('.js') ? built : path.join(built, 'conformance.js');
  return existsSync(file) ? file : undefined;
}

function usage(problem: string): number {
  console.error(`${problem}\nUsage: npm run conformance -- <folder of a connector>`);
  return 2;
}

process.exitCode = await main(process.argv[2]);
