import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { assertListSize } from '../platform/api/assert-list-size.ts';
import {
  ListArgs,
  PageArgs,
  checkedPageSize,
  decodeCursor,
  encodeCursor,
  isPosition,
  pageOf,
  toConnection,
  type Connection,
} from '../platform/api/pagination.ts';
import { HubError } from '../platform/errors.ts';
import { unknownError } from '../platform/unknown-error.ts';
import { RequestContext, inKeyOrder, type LoaderDefinition } from '../platform/api/request-context.ts';
import type { SecretBox } from '../platform/process/secret-box.ts';
import { newId } from '../platform/database/ids.ts';
import { queueTestEvent, readBacklogs, readDeliveries, replaySince, sendAgain } from './delivery-log.ts';
import type { EndpointRegistry } from './endpoint-registry.ts';
import { checkSettings, requireFewEnabled, requireFewMade } from './endpoint-settings.ts';
import {
  insertEndpoint,
  readEndpoint,
  readEndpoints,
  replaceSecret,
  updateEndpoint,
} from './endpoint-store.ts';
import { changeEndpoints } from './event-triggers.ts';
import { newSigningSecret, purposeOf, requireBox } from './signing-secret.ts';
import type { TargetPolicy } from './http/ssrf-guard.ts';
import {
  CreateWebhookEndpointInput,
  ReplayWebhooksInput,
  RetryWebhookDeliveriesInput,
  RotateWebhookSecretInput,
  SendTestWebhookInput,
  UpdateWebhookEndpointInput,
  WebhookBacklog,
  WebhookDelivery,
  WebhookDeliveryConnection,
  WebhookDeliveryState,
  WebhookEndpoint,
  WebhookSecret,
} from './webhooks.types.ts';
import { SizedByFirst, Cost, SizedBy } from '../platform/api/list-size.ts';

@ArgsType()
class WebhookDeliveriesArgs extends PageArgs {
  @Field(() => ID, { nullable: true })
  endpointId?: string | null;
  @Field(() => WebhookDeliveryState, { nullable: true, description: '`DEAD`: the dead letters.' })
  state?: WebhookDeliveryState | null;
}

const MAX_RETRIES_A_CALL = 1000;
const MAX_ROTATION_SECONDS = 30 * 86_400;

const backlogOf: LoaderDefinition<string, WebhookBacklog> = {
  batch: async (ids, { em }) =>
    inKeyOrder(
      ids,
      await readBacklogs(em, ids),
      ({ id }) => id,
      (row) => row ?? { pending: 0, dead: 0, lagSeconds: 0 },
    ),
};

@Resolver(() => WebhookEndpoint)
export class WebhooksResolver {
  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly box: SecretBox | undefined,
    private readonly targets: TargetPolicy,
    /** Called when there is something to send. */
    private readonly onEvents: () => void,
  ) {}

  @SizedBy('first')
  @Query(() => [WebhookEndpoint], { description: 'Oldest first; disabled ones too.' })
  async webhookEndpoints(
    @Args(() => ListArgs) page: ListArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookEndpoint[]> {
    return pageOf(await readEndpoints(em), page, ({ id }) => id);
  }

  @FieldResolver(() => WebhookBacklog)
  backlog(@Root() { id }: WebhookEndpoint, @Ctx() context: RequestContext): Promise<WebhookBacklog> {
    return context.load(backlogOf, id);
  }

  @SizedByFirst()
  @Query(() => WebhookDeliveryConnection, { description: 'Newest first; delivered ones of a week.' })
  async webhookDeliveries(
    @Args(() => WebhookDeliveriesArgs) { endpointId, state, first, after }: WebhookDeliveriesArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<Connection<WebhookDelivery>> {
    const size = checkedPageSize(first);
    const [before] = decodeCursor(after, [isPosition]) ?? [];
    const filter = { endpointId: endpointId?.toLowerCase() ?? null, state: state ?? null };
    const rows = await readDeliveries(em, filter, { first: size + 1, before });
    return toConnection(rows, size, after, ({ position }) => encodeCursor(position));
  }

  @Cost(10)
  @Mutation(() => WebhookSecret, {
    description: 'Begins with the next event; of promises, the present ones are told at once.',
  })
  async createWebhookEndpoint(
    @Arg('input', () => CreateWebhookEndpointInput) input: CreateWebhookEndpointInput,
    @Ctx() { em, actor }: RequestContext,
  ): Promise<WebhookSecret> {
    const box = requireBox(this.box);
    const settings = await checkSettings(
      em,
      {
        url: input.url,
        description: input.description,
        eventTypes: input.eventTypes,
        skus: input.skus ?? [],
        channels: input.channels ?? [],
        partner: input.partner ?? null,
        enabled: true,
      },
      this.targets,
    );
    const id = newId();
    const secret = newSigningSecret();
    const sealedSecret = box.seal(secret, purposeOf(id));
    const endpoint = await changeEndpoints(em, async (tx) => {
      await requireFewEnabled(tx, actor.name);
      await requireFewMade(tx, actor.name);
      return insertEndpoint(tx, id, settings, { sealedSecret, createdBy: actor.name });
    });
    this.endpoints.publish(id);
    return { secret, endpoint };
  }

  @Cost(10)
  @Mutation(() => WebhookEndpoint, { description: 'What is left out stays as it is.' })
  async updateWebhookEndpoint(
    @Arg('input', () => UpdateWebhookEndpointInput) input: UpdateWebhookEndpointInput,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookEndpoint> {
    const endpoint = await changeEndpoints(em, async (tx) => {
      const known = await readEndpoint(tx, input.id);
      if (!known) throw unknownEndpoint(input.id);
      const settings = {
        url: input.url ?? known.url,
        description: input.description ?? known.description,
        eventTypes: input.eventTypes ?? known.eventTypes,
        skus: input.skus ?? known.skus,
        channels: input.channels ?? known.channels,
        partner: known.partner,
        enabled: input.enabled ?? known.enabled,
      };
      if (settings.enabled && !known.enabled) await requireFewEnabled(tx, known.createdBy);
      return updateEndpoint(tx, known.id, await checkSettings(tx, settings, this.targets));
    });
    this.endpoints.publish(endpoint!.id);
    return endpoint!;
  }

  @Cost(10)
  @Mutation(() => WebhookSecret, { description: 'Both sign until the time of the old one is over.' })
  async rotateWebhookSecret(
    @Arg('input', () => RotateWebhookSecretInput) { id, oldValidForSeconds }: RotateWebhookSecretInput,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookSecret> {
    const seconds = oldValidForSeconds ?? 86_400;
    if (seconds < 0 || seconds > MAX_ROTATION_SECONDS)
      throw new HubError('BAD_USER_INPUT', `\`oldValidForSeconds\` must be 0 to ${MAX_ROTATION_SECONDS}.`);
    const secret = newSigningSecret();
    const sealed = requireBox(this.box).seal(secret, purposeOf(id.toLowerCase()));
    const endpoint = await replaceSecret(em, id, sealed, seconds);
    if (!endpoint) throw unknownEndpoint(id);
    return { secret, endpoint };
  }

  @SizedBy('input.ids')
  @Cost(10)
  @Mutation(() => [WebhookDelivery], {
    description: 'Sends dead letters, or delivered events, once more; answers those it found.',
  })
  async retryWebhookDeliveries(
    @Arg('input', () => RetryWebhookDeliveriesInput) { ids }: RetryWebhookDeliveriesInput,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookDelivery[]> {
    assertListSize(ids, 'ids', MAX_RETRIES_A_CALL);
    const again = await sendAgain(em, ids);
    this.onEvents();
    return again;
  }

  @Cost(10)
  @Mutation(() => Int, {
    description: 'Sends all events of an endpoint since an instant once more; answers how many.',
  })
  async replayWebhooks(
    @Arg('input', () => ReplayWebhooksInput) { endpointId, since }: ReplayWebhooksInput,
    @Ctx() { em }: RequestContext,
  ): Promise<number> {
    const { id } = await this.existing(em, endpointId);
    const events = await em.transactional((tx) => replaySince(tx, id, since));
    this.endpoints.publish(id);
    this.onEvents();
    return events;
  }

  @Cost(10)
  @Mutation(() => WebhookDelivery, { description: 'Queues an event that says nothing but that it arrives.' })
  async sendTestWebhook(
    @Arg('input', () => SendTestWebhookInput) { endpointId }: SendTestWebhookInput,
    @Ctx() { em }: RequestContext,
  ): Promise<WebhookDelivery> {
    const { id } = await this.existing(em, endpointId);
    const delivery = await queueTestEvent(em, id);
    this.onEvents();
    return delivery;
  }

  private async existing(em: RequestContext['em'], id: string): Promise<{ id: string }> {
    const endpoint = await readEndpoint(em, id);
    if (!endpoint) throw unknownEndpoint(id);
    return endpoint;
  }
}

function unknownEndpoint(id: string): HubError {
  return unknownError('UNKNOWN_WEBHOOK_ENDPOINT', id);
}
