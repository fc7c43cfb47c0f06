import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Connector } from '../../../connectors/spi/index.ts';
import { ConfigError } from '../../platform/process/config.ts';

/**
 * Which sources a merchant has: a JSON document beside the data. Secrets do not stand in it, nor in the database: it says
 * where they are, in the environment or in a file.
 */

const reference = z.union([
  z.strictObject({ $env: z.string().min(1) }),
  z.strictObject({ $file: z.string().min(1) }),
]);
type Reference = z.infer<typeof reference>;

const document = z.strictObject({
  $schema: z.string().optional(),
  sources: z.array(
    z.strictObject({
      /** Cursors, dead letters and the address of its pushes go by it. */
      id: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/, 'must be 2 to 40 of a-z, 0-9 and -, the first a letter'),
      connector: z.string().min(1),
      config: z.record(z.string(), z.unknown()).default({}),
      /** How often it is asked for news, in seconds; pushes make it sooner. */
      pollSeconds: z.int().min(5).max(86_400).default(60),
      /** How long records are kept as the source had them; 0 keeps none. */
      rawDays: z.int().min(0).max(3_650).default(30),
    }),
  ),
});

/** A source as it is to be run; its configuration has the secrets in clear. */
export interface ConfiguredSource {
  id: string;
  connector: Connector;
  config: Record<string, unknown>;
  pollSeconds: number;
  rawDays: number;
}

/**
 * Reads the sources of a document; none where there is no document.
 * @param known the connectors there are, by id
 * @param environment where `$env` is looked up
 * @throws ConfigError with a sentence that names the place, never a value
 */
export async function loadSources(
  file: string,
  known: ReadonlyMap<string, Connector>,
  environment: Record<string, string | undefined>,
): Promise<ConfiguredSource[]> {
  if (!existsSync(file)) return [];
  const name = path.basename(file);
  const { sources } = parsed(name, await readFile(file, 'utf8'));
  const ids = sources.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw new ConfigError(`${name}: two sources have the id ${twice}.`);
  return Promise.all(
    sources.map(async ({ connector: connectorId, ...source }) => {
      const connector = known.get(connectorId);
      if (!connector)
        throw new ConfigError(
          `${name}: source ${source.id}: there is no connector ${connectorId}; there are ${[...known.keys()].join(', ')}.`,
        );
      const where = `${name}: source ${source.id}: config`;
      refuseClearSecrets(where, source.config, connector.spec.configSchema);
      const resolve = (found: Reference, at: string) => secretOf(found, at, path.dirname(file), environment);
      return { ...source, connector, config: (await resolved(source.config, where, resolve)) as never };
    }),
  );
}

function parsed(name: string, text: string): z.infer<typeof document> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError(`${name} is no JSON.`); // the parser's message would quote what stands there
  }
  const result = document.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
  throw new ConfigError(`${name}: ${problems.join('; ')}`);
}

/** A property that the connector says is secret must be a reference. */
function refuseClearSecrets(where: string, config: unknown, schema: unknown): void {
  if (!isObject(config) || !isObject(schema) || !isObject(schema.properties)) return;
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = config[name];
    if (value === undefined || !isObject(property)) continue;
    if (property.writeOnly === true && !reference.safeParse(value).success)
      throw new ConfigError(
        `${where}.${name} is a secret and must not stand here: write {"$env": "<variable>"} or {"$file": "<path>"}.`,
      );
    refuseClearSecrets(`${where}.${name}`, value, property);
  }
}

type Resolve = (found: Reference, at: string) => Promise<string>;

async function resolved(value: unknown, at: string, resolve: Resolve): Promise<unknown> {
  const found = reference.safeParse(value);
  if (found.success) return resolve(found.data, at);
  if (Array.isArray(value))
    return Promise.all(value.map((item, index) => resolved(item, `${at}[${index}]`, resolve)));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(async ([name, item]) => [
    name,
    await resolved(item, `${at}.${name}`, resolve),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

async function secretOf(
  found: Reference,
  at: string,
  folder: string,
  environment: Record<string, string | undefined>,
): Promise<string> {
  if ('$env' in found) {
    const value = environment[found.$env];
    if (value === undefined || value === '')
      throw new ConfigError(`${at}: the environment has no ${found.$env}.`);
    return value;
  }
  try {
    return (await readFile(path.resolve(folder, found.$file), 'utf8')).trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigError(`${at}: ${found.$file} cannot be read (${code}).`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
