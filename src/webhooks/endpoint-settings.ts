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

/** @throws HubError BAD_USER_INPUT when the maker has as many enabled endpoints as it may have */
export async function requireFewEndpoints(em: EntityManager, createdBy: string): Promise<void> {
  const [row] = await em.execute<{ count: number; made: number }[]>(
    'select count(*) filter (where enabled)::int as count, count(*)::int as made from webhook_endpoint where created_by = ?',
    [createdBy],
  );
  if (row!.count >= MAX_ENDPOINTS)
    throw new HubError(
      'BAD_USER_INPUT',
      `This key has ${row!.count} endpoints enabled; ${MAX_ENDPOINTS} are allowed. Disable one first.`,
    );
  if (row!.made >= MAX_MADE)
    throw new HubError(
      'BAD_USER_INPUT',
      `This key has made ${row!.made} endpoints; ${MAX_MADE} are allowed. Change a disabled one instead.`,
    );
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
