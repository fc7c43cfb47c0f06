import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig, type Config } from '../platform/process/config.ts';
import { print, runCommand, UsageError } from './run-command.ts';

/** Makes, lists and revokes keys from the command line, through the API of a running hub. */
const USAGE = `Usage:
  npm run key -- create --name NAME --partner PARTNER --scopes SCOPE[,SCOPE…] [--channel CODE] [--expires INSTANT]
  npm run key -- list
  npm run key -- revoke ID
HUB_URL is the address of the hub (http://127.0.0.1:4000 if left out). The admin key is HUB_ADMIN_KEY, or the one in
the folder HUB_DATA_DIR of the hub. INSTANT is like 2027-01-01T00:00:00Z.`;

const PAGE = 100;
const FIELDS = 'id prefix name partner scopes channel createdAt expiresAt revokedAt';
/** With a time zone: a date alone would end at another hour in each. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

await runCommand(USAGE, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      partner: { type: 'string' },
      scopes: { type: 'string' },
      channel: { type: 'string' },
      expires: { type: 'string' },
    },
  });
  const [command, id] = positionals;
  if (command === 'create') await create(values);
  else if (command === 'list') print({ apiKeys: await allKeys() });
  else if (command === 'revoke' && id) await revoke(id);
  else throw new UsageError('Say what to do with keys: create, list, or revoke with the id of one.');
});

/** Page by page: the hub answers 100 at once. */
async function allKeys(): Promise<{ id: string }[]> {
  const all: { id: string }[] = [];
  for (;;) {
    const { apiKeys } = await post<{ apiKeys: { id: string }[] }>(
      `query ($after: String) { apiKeys(first: ${PAGE}, after: $after) { ${FIELDS} } }`,
      { after: all.at(-1)?.id },
    );
    all.push(...apiKeys);
    if (apiKeys.length < PAGE) return all;
  }
}

async function create(values: Record<string, string | undefined>): Promise<void> {
  const { name, partner, channel, expires } = values;
  const scopes = values.scopes
    ?.split(',')
    .map((scope) => scope.trim())
    .filter((scope) => scope !== '');
  if (!name || !partner || !scopes?.length)
    throw new UsageError('A new key needs --name, --partner and --scopes.');
  if (expires !== undefined && (!INSTANT.test(expires) || Number.isNaN(Date.parse(expires))))
    throw new UsageError(
      `--expires must be an instant with its time zone, like 2027-01-01T00:00:00Z, was ${expires}.`,
    );
  print(
    await post(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { ${FIELDS} } } }`,
      { input: { name, partner, scopes, channel, expiresAt: expires } },
    ),
  );
}

async function revoke(id: string): Promise<void> {
  const data = await post<{ revokeApiKey: unknown }>(
    `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { ${FIELDS} } }`,
    { input: { id } },
  );
  if (data.revokeApiKey === null) throw new Error(`There is no key with the id ${id}; \`list\` has the ids.`);
  print(data);
}

async function post<Data>(query: string, variables: object = {}): Promise<Data> {
  const config = loadConfig(process.env);
  const key = config.adminKey ?? storedAdminKey(config);
  const url = process.env.HUB_URL || `http://${config.host}:${config.port}`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  }).catch((error: Error) => {
    const { message = error.message } = (error.cause ?? {}) as { message?: string };
    throw new Error(`No hub answers at ${url} (${message}). Start it, or set HUB_URL to its address.`);
  });
  const text = await response.text();
  const { data, errors } = parseAnswer(text, url, response.status);
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data as Data;
}

function parseAnswer(text: string, url: string, status: number) {
  try {
    return JSON.parse(text) as { data?: unknown; errors?: { message: string }[] };
  } catch {
    throw new Error(`What answers at ${url} is no hub: status ${status}, and no JSON. Set HUB_URL.`);
  }
}

function storedAdminKey({ dataDir }: Config): string {
  const file = path.join(dataDir, 'admin-key');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(
      `There is no admin key in ${file}. Set HUB_ADMIN_KEY, or HUB_DATA_DIR to the hub's folder.`,
      {
        cause: error,
      },
    );
  }
}
