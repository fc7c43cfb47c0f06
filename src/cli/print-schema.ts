import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolverClasses, subgraphs } from '../model.ts';
import { packageRoot } from '../platform/process/package-root.ts';
import { buildHubSchema } from '../graph/execution/build-schema.ts';
import { printSchemaWithCosts } from '../graph/policy/cost/print-schema.ts';
import { printSubgraphs } from '../graph/subgraphs/build-subgraphs.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: npm run build:schema
Prints the served schema to schema/api.graphql and each subgraph to its own file, and generates the types of clients.`;

await runCommand(USAGE, async () => {
  const schema = await buildHubSchema(resolverClasses);
  write('api', printSchemaWithCosts(schema));
  for (const [name, sdl] of printSubgraphs(schema, subgraphs)) write(name, sdl);
});

function write(name: string, sdl: string): void {
  writeFileSync(path.join(packageRoot(), 'schema', `${name}.graphql`), sdl);
}
