import type { EntityManager } from '../platform/database/database.ts';
import { isUuid } from '../platform/database/ids.ts';

/** An endpoint without its secrets. */
export interface EndpointRow {
  id: string;
  url: string;
  description: string;
  eventTypes: string[];
  skus: string[];
  channels: string[];
  partner: string | null;
  enabled: boolean;
  disabledReason: string | null;
  previousSecretUntil: Date | null;
  consecutiveFailures: number;
  pausedUntil: Date | null;
  lastDeliveredAt: Date | null;
  lastError: string | null;
  createdBy: string;
  createdAt: Date;
}

/** The settings of an endpoint that its maker decides. */
export type EndpointSettings = Pick<
  EndpointRow,
  'url' | 'description' | 'eventTypes' | 'skus' | 'channels' | 'partner' | 'enabled'
>;

const COLUMNS = `id, url, description, to_jsonb(event_types) as "eventTypes", to_jsonb(skus) as skus,
  to_jsonb(channels) as channels, partner, enabled, disabled_reason as "disabledReason",
  case when previous_secret_until > hub_now() then previous_secret_until end as "previousSecretUntil",
  failures as "consecutiveFailures", case when paused_until > hub_now() then paused_until end as "pausedUntil",
  last_delivered_at as "lastDeliveredAt", last_error as "lastError", created_by as "createdBy", created_at as "createdAt"`;
const texts = 'array(select jsonb_array_elements_text(?::jsonb))';

export async function insertEndpoint(
  em: EntityManager,
  id: string,
  settings: EndpointSettings,
  more: { sealedSecret: string; createdBy: string },
): Promise<EndpointRow> {
  const { url, description, eventTypes, skus, channels, partner, enabled } = settings;
  const [row] = await em.execute<EndpointRow[]>(
    `insert into webhook_endpoint (id, url, description, event_types, skus, channels, partner, enabled, secret, created_by,
       created_at)
     select ?, ?, ?, ${texts}, ${texts}, ${texts}, ?, ?, ?, ?, hub_now() returning ${COLUMNS}`,
    [
      id,
      url,
      description,
      JSON.stringify(eventTypes),
      JSON.stringify(skus),
      JSON.stringify(channels),
      partner,
      enabled,
      more.sealedSecret,
      more.createdBy,
    ],
  );
  return withDates(row!);
}

/** Put to work again, it begins without the failures of before. */
export async function updateEndpoint(
  em: EntityManager,
  id: string,
  settings: EndpointSettings,
): Promise<EndpointRow | undefined> {
  const { url, description, eventTypes, skus, channels, partner, enabled } = settings;
  const [row] = await em.execute<EndpointRow[]>(
    `update webhook_endpoint set url = ?, description = ?, event_types = ${texts}, skus = ${texts},
       channels = ${texts}, partner = ?, enabled = ?, disabled_reason = case when ? then null else 'by an operator' end,
       failures = 0, paused_until = null
     where id = ? returning ${COLUMNS}`,
    [
      url,
      description,
      JSON.stringify(eventTypes),
      JSON.stringify(skus),
      JSON.stringify(channels),
      partner,
      enabled,
      enabled,
      id,
    ],
  );
  return row && withDates(row);
}

/** The secret so far signs too, until its time is over. */
export async function replaceSecret(
  em: EntityManager,
  id: string,
  sealedSecret: string,
  oldValidForSeconds: number,
): Promise<EndpointRow | undefined> {
  const [row] = await em.execute<EndpointRow[]>(
    `update webhook_endpoint set secret = ?, previous_secret = secret,
       previous_secret_until = hub_now() + make_interval(secs => ?)
     where id::text = ? returning ${COLUMNS}`,
    [sealedSecret, oldValidForSeconds, id.toLowerCase()],
  );
  return row && withDates(row);
}

/** Oldest first. */
export async function readEndpoints(em: EntityManager): Promise<EndpointRow[]> {
  const rows = await em.execute<EndpointRow[]>(`select ${COLUMNS} from webhook_endpoint order by id`);
  return rows.map(withDates);
}

export async function readEndpoint(em: EntityManager, id: string): Promise<EndpointRow | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await em.execute<EndpointRow[]>(`select ${COLUMNS} from webhook_endpoint where id = ?`, [id]);
  return row && withDates(row);
}

function withDates(row: EndpointRow): EndpointRow {
  const date = (value: Date | null) => value && new Date(value);
  return {
    ...row,
    previousSecretUntil: date(row.previousSecretUntil),
    pausedUntil: date(row.pausedUntil),
    lastDeliveredAt: date(row.lastDeliveredAt),
    createdAt: new Date(row.createdAt),
  };
}
