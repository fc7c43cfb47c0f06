import type { EntityManager } from '../platform/database/database.ts';
import { HubError } from '../platform/errors.ts';
import { unknownError } from '../platform/unknown-error.ts';
import type { EndpointSettings } from './endpoint-store.ts';
import { checkedEventTypes } from './event-types.ts';
import { urlProblem, type TargetPolicy } from './http/ssrf-guard.ts';

/** The live feed reads what is watched every few seconds. */
const MAX_SKUS = 5_000;
const MAX_CHANNELS = 100;
const MAX_DESCRIPTION = 200;
/** Endpoints that one key may have enabled: each event is stored once for every one that wants it. */
const MAX_ENDPOINTS = 50;
/** All that one key has made: a disabled one stays, with what it was sent. */
const MAX_MADE = 200;

/** @throws HubError BAD_USER_INPUT, TOO_MANY_LINES, UNKNOWN_SKU, UNKNOWN_CHANNEL */
export async function checkSettings(
  em: EntityManager,
  settings: EndpointSettings,
  targets: TargetPolicy,
): Promise<EndpointSettings> {
  const { url, description } = settings;
  const problem = urlProblem(url, targets);
  if (problem !== undefined) throw new HubError('BAD_USER_INPUT', `\`url\` ${problem}.`);
  if (description.trim() === '' || description.length > MAX_DESCRIPTION)
    throw new HubError('BAD_USER_INPUT', `\`description\` must have 1 to ${MAX_DESCRIPTION} characters.`);
  const eventTypes = checkedEventTypes(settings.eventTypes);
  const skus = [...new Set(settings.skus)];
  const channels = [...new Set(settings.channels)];
  requireAtMost(skus, 'skus', MAX_SKUS);
  requireAtMost(channels, 'channels', MAX_CHANNELS);
  if (eventTypes.includes('atp.changed') && skus.length === 0)
    throw new HubError('BAD_USER_INPUT', '`skus` must name what `atp.changed` is to be told of.');
  const noSkus = await missing(em, 'sku', skus);
  if (noSkus.length > 0) throw unknownError('UNKNOWN_SKU', noSkus, { skus: noSkus });
  const noChannels = await missing(em, 'channel', channels);
  if (noChannels.length > 0) throw unknownError('UNKNOWN_CHANNEL', noChannels);
  return { ...settings, eventTypes, skus, channels };
}

/** @throws HubError BAD_USER_INPUT when the key has as many enabled endpoints as it may have */
export async function requireFewEnabled(em: EntityManager, createdBy: string): Promise<void> {
  const count = await countEndpoints(em, createdBy, 'and enabled');
  if (count >= MAX_ENDPOINTS)
    throw new HubError(
      'BAD_USER_INPUT',
      `This key has ${count} endpoints enabled; ${MAX_ENDPOINTS} are allowed. Disable one first.`,
    );
}

/** @throws HubError BAD_USER_INPUT when the key has made as many endpoints as it may */
export async function requireFewMade(em: EntityManager, createdBy: string): Promise<void> {
  const made = await countEndpoints(em, createdBy, '');
  if (made >= MAX_MADE)
    throw new HubError(
      'BAD_USER_INPUT',
      `This key has made ${made} endpoints; ${MAX_MADE} are allowed. Change a disabled one instead.`,
    );
}

async function countEndpoints(
  em: EntityManager,
  createdBy: string,
  which: '' | 'and enabled',
): Promise<number> {
  const [row] = await em.execute<{ count: number }[]>(
    `select count(*)::int as count from webhook_endpoint where created_by = ? ${which}`,
    [createdBy],
  );
  return row!.count;
}

function requireAtMost(list: readonly string[], name: string, most: number): void {
  if (list.length > most)
    throw new HubError('TOO_MANY_LINES', `\`${name}\` may have ${most} entries, has ${list.length}.`);
}

async function missing(em: EntityManager, table: 'sku' | 'channel', codes: string[]): Promise<string[]> {
  if (codes.length === 0) return [];
  const rows = await em.execute<{ code: string }[]>(
    `select given.code from jsonb_array_elements_text(?::jsonb) as given (code)
     where not exists (select 1 from ${table} where ${table}.code = given.code) limit 20`,
    [JSON.stringify(codes)],
  );
  return rows.map(({ code }) => code);
}
