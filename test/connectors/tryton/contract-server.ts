import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { ModelsData, UserError } from './models-data.ts';

export const USER = 'admin';
export const PASSWORD = 'contract-password-0123456789';
export const DATABASE = 'crm';

export interface ContractServer {
  url: string;
  data: ModelsData;
  stop(): void;
}

/**
 * Behaves as Tryton 6.0 was seen to, sentence by sentence; each is quoted where it holds. What is asked of the real one by the
 * tests of test/systems/tryton is asked of this one too.
 */
export async function startContractServer(): Promise<ContractServer> {
  const data = new ModelsData();
  const sessions = new Set<string>();
  const server = createServer((request, response) => {
    void answer(data, sessions, request).then(({ status, body }) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Call {
  id: number;
  method: string;
  params: unknown[];
}

async function answer(data: ModelsData, sessions: Set<string>, request: IncomingMessage) {
  const { id, method, params } = (await json(request)) as Call;
  const told = (outcome: object) => ({ status: 200, body: JSON.stringify({ id, ...outcome }) });
  if (request.url !== `/${DATABASE}/`) return { status: 404, body: '' };
  // "common.db.login [user,{password},lang] gives [uid, session]"
  if (method === 'common.db.login') {
    const [user, { password }] = params as [string, { password?: string }];
    // Seen: a wrong password is answered with 401, one that is missing is asked for with status 200.
    if (user !== USER || (password !== undefined && password !== PASSWORD)) return { status: 401, body: '' };
    if (password === undefined)
      return told({ error: ['LoginException', ['password', `Password for ${user}`, 'password']] });
    const session = randomUUID();
    sessions.add(session);
    return told({ result: [1, session] });
  }
  // "Authorization: Session base64(user:uid:session). Missing session: 401."
  const [, encoded = ''] = (request.headers.authorization ?? '').split('Session ');
  const session = Buffer.from(encoded, 'base64').toString().split(':')[2] ?? '';
  if (!sessions.has(session)) return { status: 401, body: '' };
  if (method === 'common.db.logout') {
    sessions.delete(session);
    return told({ result: null });
  }
  data.showsInactive = (params.at(-1) as { active_test?: boolean }).active_test === false;
  const [, model, verb] = /^model\.(.+)\.(\w+)$/.exec(method)!;
  if (!data.has(model!)) return { status: 403, body: '' };
  try {
    return told({ result: run(data, model!, verb!, params) });
  } catch (error) {
    // "business errors come with HTTP 200"
    if (error instanceof UserError) return told({ error: ['UserError', [error.message, '', null]] });
    return told({ error: [String(error), ''] });
  }
}

function run(data: ModelsData, model: string, verb: string, params: unknown[]): unknown {
  const [first, second, limit, order, fields] = params as [never, never, never, never, string[]];
  switch (verb) {
    case 'search_read':
      return data.search(model, first, second, limit, order).map((row) => data.read(row, fields));
    case 'create':
      return (first as Record<string, unknown>[]).map((values) => data.create(model, values));
    case 'write':
      return data.write(model, first, second);
    case 'delete':
      return data.delete(model, first);
    case 'cancel':
      return data.write(model, first, { state: 'cancelled' });
    default:
      throw new TypeError(`${model} has no ${verb}`);
  }
}
