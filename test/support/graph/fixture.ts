import { startHub, type HubOptions, type RunningHub } from '../hub.ts';
import { connect } from '../inventory/engine.ts';
import { overHttp } from './transports.ts';

/** SKUs with stock at node WH of pool MAIN, sold on channel douyin. */
export const SKUS = ['TEA', 'CUP', 'POT'];
const ON_HAND = 100;

/** A hub with a small shop in it: places and goods by SQL, stock by the public API. */
export async function startShop(options: HubOptions = {}): Promise<RunningHub> {
  const hub = await startHub(options);
  const database = await connect(hub.databaseUrl);
  await database.query(`insert into channel (code, name, pool) values ('douyin', 'Douyin', 'MAIN')`);
  await database.query(
    `insert into node (code, name, kind, city, pool) values ('WH', 'Warehouse', 'WAREHOUSE', 'Shanghai', 'MAIN')`,
  );
  await database.query(`insert into sku (code, title) select code, code from unnest($1::text[]) as code`, [
    SKUS,
  ]);
  await database.end();
  await count(
    hub,
    SKUS.map((sku) => ({ sku, counted: ON_HAND })),
  );
  return hub;
}

export const ADJUST = `mutation ($input: AdjustStockInput!) {
  adjustStock(input: $input) { __typename ... on Restock { id movements { sku counter delta at } } }
}`;
export const RESERVE = `mutation ($input: ReserveInput!) {
  reserve(input: $input) {
    __typename ... on Reservation { id state reference expiresAt lines { sku { code } quantity } }
    ... on InsufficientStock { shortages { sku requested available } }
  }
}`;
const command = (field: string, type: string) => `mutation ($input: ${type}!) {
  ${field}(input: $input) {
    __typename ... on Reservation { id state } ... on ReservationNotOpen { reservationId state }
  }
}`;
export const CONFIRM = command('confirmReservation', 'ConfirmReservationInput');
export const RELEASE = command('releaseReservation', 'ReservationCommandInput');
export const EXTEND = command('extendReservation', 'ExtendReservationInput');

/** A new API key with these scopes. */
export async function apiKey(hub: RunningHub, scopes: readonly string[], partner = 'p'): Promise<string> {
  const { data, errors } = await overHttp.send<{ createApiKey: { key: string } }>(
    hub,
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { key } }',
    { input: { name: newKey(), partner, scopes } },
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return data.createApiKey.key;
}

let keys = 0;
/** An idempotency key that no other call of this process has used. */
export const newKey = () => `key-${process.pid}-${(keys += 1)}`;

export async function count(hub: RunningHub, lines: { sku: string; counted: number }[]): Promise<void> {
  const input = { idempotencyKey: newKey(), node: 'WH', reason: 'count', lines };
  const { errors } = await overHttp.send(hub, ADJUST, { input });
  if (errors) throw new Error(JSON.stringify(errors));
}

export function reserveInput(more: Record<string, unknown> = {}) {
  return {
    idempotencyKey: newKey(),
    channel: 'douyin',
    reference: 'CHECKOUT-1',
    lines: [{ sku: 'TEA', quantity: 1 }],
    ...more,
  };
}

export interface HubState {
  consistent: boolean;
  versions: string[];
  movements: number;
  reservations: number;
  keys: number;
}

/** What a refused request must leave as it was: the API's numbers and the rows of the database. */
export async function stateOf(hub: RunningHub): Promise<HubState> {
  const { data, errors } = await overHttp.send<{
    stockAudit: { consistent: boolean };
    availableToPromise: { version: string }[];
  }>(hub, `query ($skus: [ID!]!) { stockAudit { consistent } availableToPromise(skus: $skus) { version } }`, {
    skus: SKUS,
  });
  if (!data) throw new Error(JSON.stringify(errors));
  const database = await connect(hub.databaseUrl);
  const { rows } = await database.query<Omit<HubState, 'consistent' | 'versions'>>(
    `select (select count(*)::int from stock_movement) as movements,
       (select count(*)::int from reservation) as reservations,
       (select count(*)::int from idempotency_key) as keys`,
  );
  await database.end();
  return {
    consistent: data.stockAudit.consistent,
    versions: data.availableToPromise.map(({ version }) => version),
    ...rows[0]!,
  };
}
