import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../platform/process/config.ts';

/**
 * Makes, lists and revokes keys from the command line, through the API of a running hub:
 *   npm run key -- create --name "Tmall sync" --partner tmall --scopes stock:read,stock:reserve --channel tmall
 *   npm run key -- list
 *   npm run key -- revoke <id>
 * HUB_URL is the hub's address (http://127.0.0.1:4000); the admin key is HUB_ADMIN_KEY or the one in HUB_DATA_DIR.
 */
const USAGE = `Usage:
  npm run key -- create --name NAME --partner PARTNER --scopes SCOPE[,SCOPE…] [--channel CODE] [--expires INSTANT]
  npm run key -- list
  npm run key -- revoke ID`;

const PAGE = 100;
const FIELDS = 'id prefix name partner scopes channel createdAt expiresAt revokedAt';

try {
  const { values, positionals } = parseArgs({
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
  else if (command === 'revoke' && id)
    print(
      await ask(`mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { ${FIELDS} } }`, {
        input: { id },
      }),
    );
  else throw new Error(USAGE);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

/** Page by page: the hub answers 100 at once. */
async function allKeys(): Promise<{ id: string }[]> {
  const all: { id: string }[] = [];
  for (;;) {
    const { apiKeys } = (await ask(
      `query ($after: String) { apiKeys(first: ${PAGE}, after: $after) { ${FIELDS} } }`,
      { after: all.at(-1)?.id },
    )) as { apiKeys: { id: string }[] };
    all.push(...apiKeys);
    if (apiKeys.length < PAGE) return all;
  }
}

async function create(values: Record<string, string | undefined>): Promise<void> {
  const { name, partner, scopes, channel, expires } = values;
  if (!name || !partner || !scopes) throw new Error(USAGE);
  const input = { name, partner, scopes: scopes.split(','), channel, expiresAt: expires };
  print(
    await ask(
      `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key apiKey { ${FIELDS} } } }`,
      { input },
    ),
  );
}

async function ask(query: string, variables: object = {}): Promise<unknown> {
  const config = loadConfig(process.env);
  const key = config.adminKey ?? readFileSync(path.join(config.dataDir, 'admin-key'), 'utf8').trim();
  const url = process.env.HUB_URL ?? `http://${config.host}:${config.port}`;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string }[] };
  if (errors) throw new Error(errors.map(({ message }) => message).join('\n'));
  return data;
}

function print(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
}
