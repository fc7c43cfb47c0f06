import {
  groupedByKey,
  inKeyOrder,
  type LoaderDefinition,
  type RequestContext,
} from '../../platform/api/request-context.ts';
import { isUuid } from '../../platform/database/ids.ts';
import { Customer, CustomerIdentity, Preference } from './customer.entities.ts';
import { IdentityKind, type IdentityQuery } from '../identity/identity.ts';

/** A customer by its id, or by that of one merged into it; null when there is none. */
export const customerById: LoaderDefinition<string, Customer | null> = {
  batch: async (ids, { em }) => {
    const rows = await em.execute<(CustomerRow & { asked: string })[]>(
      `select a.id as asked, c.id, c.display_name, c.merged_into
       from customer a join customer c on c.id = coalesce(a.merged_into, a.id) where a.id in (?)`,
      [
        ids
          .filter(isUuid)
          .map((id) => id.toLowerCase())
          .concat(NO_ID),
      ],
    );
    const found = rows.map((row) => ({ asked: row.asked, customer: em.map(Customer, columnsOf(row)) }));
    const lower = ids.map((id) => id.toLowerCase());
    return inKeyOrder(
      lower,
      found,
      ({ asked }) => asked,
      (row) => row?.customer ?? null,
    );
  },
};

/** The customers whom an identity names, oldest first; several where people share it. */
export const customersByIdentity: LoaderDefinition<IdentityQuery, Customer[]> = {
  cacheKey: ({ kind, value, scope }) => JSON.stringify([kind, value, scope ?? null]),
  batch: async (queries, { em }) => {
    const rows = await em.execute<(CustomerRow & { n: number })[]>(
      `select distinct q.n, c.id, c.display_name, c.merged_into
       from json_to_recordset(?::json) as q(n int, kind text, value text, scope text)
       join customer_identity i on i.kind = q.kind and i.value = q.value and (q.scope is null or i.scope = q.scope)
       join customer_profile p on p.id = i.profile_id
       join customer c on c.id = p.customer_id
       order by q.n, c.id`,
      [JSON.stringify(queries.map((query, n) => ({ ...query, n })))],
    );
    const found = rows.map((row) => ({ n: row.n, customer: em.map(Customer, columnsOf(row)) }));
    return groupedByKey([...queries.keys()], found, ({ n }) => n).map((group) =>
      group.map(({ customer }) => customer),
    );
  },
};

/** All identities of a customer, by kind, value and source. */
export const identitiesOfCustomer: LoaderDefinition<string, CustomerIdentity[]> = {
  batch: async (ids, { em }) => {
    const rows = await em.execute<(CustomerIdentity & { customerId: string; scope: string })[]>(
      `select p.customer_id as "customerId", i.kind, i.value, i.scope, p.source, bool_or(i.verified) as verified
       from customer_profile p join customer_identity i on i.profile_id = p.id
       where p.customer_id in (?)
       group by p.customer_id, i.kind, i.value, i.scope, p.source
       order by array_position(array['PHONE', 'EMAIL', 'CHANNEL_USER', 'EXTERNAL'], i.kind), i.value, i.scope, p.source`,
      [[...ids]],
    );
    const identities = rows.map((row) =>
      Object.assign(row, {
        channel: row.kind === IdentityKind.CHANNEL_USER ? row.scope : null,
        matchProbability: 1,
      }),
    );
    return groupedByKey(ids, identities, ({ customerId }) => customerId);
  },
};

/** The preferences that each source's newest CRM record of the customer states, by name and source. */
export const preferencesOfCustomer: LoaderDefinition<string, Preference[]> = {
  batch: async (ids, { em }) => {
    const rows = await em.execute<(Preference & { customerId: string })[]>(
      `select distinct on (p.customer_id, a.key, p.source)
         p.customer_id as "customerId", a.key as name, a.value, p.source
       from customer_profile p cross join lateral jsonb_each_text(p.attributes) a
       where p.customer_id in (?)
       order by p.customer_id, a.key, p.source, p.updated_at desc nulls last, p.external_id`,
      [[...ids]],
    );
    return groupedByKey(ids, rows, ({ customerId }) => customerId);
  },
};

/** The sources that know the customer, by name. */
export const sourcesOfCustomer: LoaderDefinition<string, string[]> = {
  batch: async (ids, { em }) => {
    const rows = await em.execute<{ customerId: string; source: string }[]>(
      `select distinct customer_id as "customerId", source from customer_profile where customer_id in (?) order by source`,
      [[...ids]],
    );
    return groupedByKey(ids, rows, ({ customerId }) => customerId).map((group) =>
      group.map(({ source }) => source),
    );
  },
};

/** The customer of a profile, as rows of other domains name one. */
export const customerOfProfile: LoaderDefinition<string, Customer | null> = {
  batch: async (profileIds, { em }: RequestContext) => {
    const rows = await em.execute<(CustomerRow & { profileId: string })[]>(
      `select o.profile_id as "profileId", c.id, c.display_name, c.merged_into
       from customer_of_profile o join customer c on c.id = o.customer_id where o.profile_id in (?)`,
      [[...profileIds]],
    );
    const found = rows.map((row) => ({
      profileId: row.profileId,
      customer: em.map(Customer, columnsOf(row)),
    }));
    return inKeyOrder(
      profileIds,
      found,
      ({ profileId }) => profileId,
      (row) => row?.customer ?? null,
    );
  },
};

interface CustomerRow {
  id: string;
  display_name: string | null;
  merged_into: string | null;
}

/** Prevents an empty `in` list. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

function columnsOf({ id, display_name, merged_into }: CustomerRow) {
  return { id, display_name, merged_into };
}
