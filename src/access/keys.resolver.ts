import { Arg, Args, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { HubError } from '../platform/errors.ts';
import { unknownError } from '../platform/unknown-error.ts';
import { RequestContext } from '../platform/api/request-context.ts';
import { Cost, SizedBy } from '../platform/api/list-size.ts';
import { ListArgs, pageOf } from '../platform/api/pagination.ts';
import { newId } from '../platform/database/ids.ts';
import { newApiKey } from './api-key.ts';
import type { KeyAccess } from './key-access.ts';

@ObjectType({ description: 'A key of a partner or a program; its secret is not kept.' })
class ApiKey {
  @Field(() => ID)
  id!: string;
  @Field({ description: 'The part of the key that names it.' })
  prefix!: string;
  @Field()
  name!: string;
  @Field({ description: 'Owner of the idempotency keys and reservations made with it.' })
  partner!: string;
  @Field(() => [String])
  scopes!: string[];
  @Field(() => ID, { nullable: true, description: 'Set: it reserves for this channel only.' })
  channel!: string | null;
  @Field()
  createdBy!: string;
  @Field()
  createdAt!: Date;
  @Field(() => Date, { nullable: true })
  expiresAt!: Date | null;
  @Field(() => Date, { nullable: true })
  revokedAt!: Date | null;
}

@ObjectType()
class CreatedApiKey {
  @Field({ description: 'Shown this once.' })
  key!: string;
  @Field(() => ApiKey)
  apiKey!: ApiKey;
}

@InputType()
class CreateApiKeyInput {
  @Field({ description: 'Stands in the audit trail.' })
  name!: string;
  @Field()
  partner!: string;
  @Field(() => [String])
  scopes!: string[];
  @Field(() => ID, { nullable: true })
  channel?: string | null;
  @Field(() => Date, { nullable: true, description: 'Never if left out.' })
  expiresAt?: Date | null;
}

@InputType()
class RevokeApiKeyInput {
  @Field(() => ID)
  id!: string;
}

const COLUMNS = `id, prefix, name, partner, scopes, channel, created_by as "createdBy", created_at as "createdAt",
  expires_at as "expiresAt", revoked_at as "revokedAt"`;

@Resolver()
export class KeysResolver {
  constructor(
    private readonly access: KeyAccess,
    /** The scopes that exist. */
    private readonly knownScopes: ReadonlySet<string>,
  ) {}

  @SizedBy('first')
  @Query(() => [ApiKey], { description: 'Newest last; revoked and expired ones too.' })
  async apiKeys(@Args(() => ListArgs) page: ListArgs, @Ctx() { em }: RequestContext): Promise<ApiKey[]> {
    const rows = await em.execute<ApiKey[]>(`select ${COLUMNS} from api_key order by id`);
    return pageOf(rows, page, ({ id }) => id).map(withDates);
  }

  @Cost(10)
  @Mutation(() => CreatedApiKey)
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<CreatedApiKey> {
    this.check(input);
    if (input.channel != null) await requireChannel(em, input.channel);
    const { key, prefix, hash } = newApiKey();
    const [row] = await em.execute<ApiKey[]>(
      `insert into api_key (id, prefix, hash, name, partner, scopes, channel, created_by, created_at, expires_at)
       select ?, ?, ?, ?, ?, array(select jsonb_array_elements_text(?::jsonb)), ?, ?, hub_now(), ?
       returning ${COLUMNS}`,
      [
        newId(),
        prefix,
        hash,
        input.name,
        input.partner,
        JSON.stringify([...new Set(input.scopes)]),
        input.channel ?? null,
        actor.name,
        input.expiresAt ?? null,
      ],
    );
    return { key, apiKey: withDates(row!) };
  }

  @Cost(10)
  @Mutation(() => ApiKey, {
    nullable: true,
    description: 'At once, in all processes; null when there is no such key.',
  })
  async revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput) { id }: RevokeApiKeyInput,
    @Ctx() { em }: RequestContext,
  ): Promise<ApiKey | null> {
    const [row] = await em.execute<ApiKey[]>(
      `update api_key set revoked_at = coalesce(revoked_at, hub_now()) where id::text = ? returning ${COLUMNS}`,
      [id.toLowerCase()],
    );
    if (!row) return null;
    this.access.forget(row.prefix);
    return withDates(row);
  }

  private check({ name, partner, scopes }: CreateApiKeyInput): void {
    for (const [field, text] of Object.entries({ name, partner }))
      if (text.trim() === '' || text.length > 100)
        throw new HubError('BAD_USER_INPUT', `\`${field}\` must have 1 to 100 characters.`);
    for (const [field, text] of Object.entries({ name, partner }))
      if (text !== text.trim() || /\p{C}/u.test(text))
        throw new HubError(
          'BAD_USER_INPUT',
          `\`${field}\` must not begin or end with a blank, or hold control characters.`,
        );
    if (isReserved(partner))
      throw new HubError('BAD_USER_INPUT', '`partner` must not be a name that the hub uses itself.');
    const unknown = scopes.filter((scope) => !this.knownScopes.has(scope));
    if (unknown.length > 0 || scopes.length === 0)
      throw new HubError(
        'BAD_USER_INPUT',
        `\`scopes\` must be some of ${[...this.knownScopes].join(', ')}.`,
        { unknown },
      );
  }
}

/** Names under which the hub itself acts, or that look like one of them: compared without width, case and blanks. */
function isReserved(partner: string): boolean {
  const folded = partner.normalize('NFKC').toLowerCase().replace(/\s+/gu, '');
  return ['admin', 'hub', 'clock', 'routing', 'system'].includes(folded) || /^(source|hub):/.test(folded);
}

/** @throws HubError UNKNOWN_CHANNEL for a channel that no source has reported and nobody has configured */
async function requireChannel(em: RequestContext['em'], code: string): Promise<void> {
  const rows = await em.execute<object[]>('select 1 from channel where code = ?', [code]);
  if (rows.length === 0) throw unknownError('UNKNOWN_CHANNEL', code);
}

function withDates(row: ApiKey): ApiKey {
  const date = (value: Date | null) => value && new Date(value);
  return {
    ...row,
    createdAt: new Date(row.createdAt),
    expiresAt: date(row.expiresAt),
    revokedAt: date(row.revokedAt),
  };
}
