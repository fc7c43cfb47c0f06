import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';

/**
 * `npm run new-connector my-crm`: a connector that works and keeps every rule of the contract, against a server of its own
 * that stands for the real one; from there on it is changed piece by piece.
 */
const name = process.argv[2];
const root = path.resolve(import.meta.dirname, '..');
const USAGE = 'Usage: npm run new-connector NAME (2 to 40 of a-z, 0-9 and -, the first a letter)';
if (name === '--help' || name === '-h') {
  console.log(USAGE);
  process.exit(0);
}
if (!/^[a-z][a-z0-9-]{1,39}$/.test(name ?? '')) {
  console.error(USAGE);
  process.exit(2);
}
const from = path.join(root, 'connectors', 'sample-api');
const to = path.join(root, 'connectors', name);
if (existsSync(to)) {
  console.error(`connectors/${name} is there already.`);
  process.exit(2);
}
const camel = name.replace(/-(.)/g, (_all, letter) => letter.toUpperCase());
const pascal = camel[0].toUpperCase() + camel.slice(1);
const renamed = (text) =>
  text
    .replaceAll('sample-api', name)
    .replaceAll('sampleApi', camel)
    .replaceAll('SampleApi', pascal)
    .replaceAll('Sample API', name);

/** Lines are longer or shorter under another name. */
async function formatted(file, text) {
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

async function copy(source, target) {
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [here, there] = [path.join(source, entry.name), path.join(target, entry.name)];
    if (entry.isDirectory()) await copy(here, there);
    else writeFileSync(there, await formatted(there, renamed(readFileSync(here, 'utf8'))));
  }
}
await copy(from, to);
console.log(`connectors/${name} is made. Next:
  npm run conformance -- connectors/${name}
  change contract-server.ts to what the documentation of your source says, then client.ts, connector.ts and the mappings
  name it in src/connectors.ts, and a source of it in sources.json`);
