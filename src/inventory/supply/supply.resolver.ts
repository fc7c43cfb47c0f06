import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { HubError } from '../../platform/errors.ts';
import { idempotencyOf } from '../../platform/api/idempotency.ts';
import { RequestContext } from '../../platform/api/request-context.ts';
import { AvailableToPromise } from '../availability/api/atp.types.ts';
import type { PlanCommand, PlannedLine, PlannedOutcome } from '../engine/command.ts';
import {
  ConfiguredPool,
  ConfiguredPresale,
  ConfigurePoolInput,
  ConfigurePresaleCampaignInput,
  Inbound,
  InboundLine,
  PlannedLineInput,
  PoolPlanning,
  PresaleCampaign,
  RecordInboundInput,
} from './supply.types.ts';
import type { StockEngine } from '../engine/stock-engine.ts';
import { poolOf } from '../availability/availability-scope.ts';
import { readCampaigns, readInboundLines, readPools } from './read-supply.ts';
import { readAtp } from '../availability/read-availability.ts';
import { checkLines, checkQuantity, checkText } from '../catalogue/validate-input.ts';
import { ListArgs, PageArgs, pageOf } from '../../platform/api/pagination.ts';
import { AssumedSize, Cost, SizedBy } from '../../platform/api/list-size.ts';

const MAX_OFFSET_DAYS = 30;
const MAX_FENCE_DAYS = 365;

@Resolver(() => Inbound)
export class SupplyResolver {
  constructor(private readonly engine: StockEngine) {}

  @SizedBy('first')
  @Query(() => [PresaleCampaign], {
    description: 'Newest first. `after`: the code of the last one you have.',
  })
  async presaleCampaigns(
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { em }: RequestContext,
  ): Promise<PresaleCampaign[]> {
    return pageOf(await readCampaigns(em), page, ({ code }) => code);
  }

  @SizedBy('first')
  @Query(() => [PoolPlanning])
  async pools(@Args(() => ListArgs) page: ListArgs, @Ctx() { em }: RequestContext): Promise<PoolPlanning[]> {
    return pageOf(await readPools(em), page, ({ code }) => code);
  }

  @Cost(10)
  @Mutation(() => Inbound, {
    description:
      'What is on its way: it can be promised for the days from its arrival on. A later day, or fewer units, gives promises that relied on it another day.',
  })
  async recordInbound(
    @Arg('input', () => RecordInboundInput) input: RecordInboundInput,
    @Ctx() context: RequestContext,
  ): Promise<Inbound> {
    const { kind, node } = input;
    const externalId = checkText(input.externalId, 'externalId');
    const lines = plannedLines(input.lines);
    const command = { type: 'recordInbound' as const, kind, externalId, node, lines };
    const { pool, skus, repromised } = await this.plan(command, 'recordInbound', input, context);
    return { kind, externalId, node, pool, skus, repromised };
  }

  @Cost(10)
  @Mutation(() => ConfiguredPresale, {
    description: 'A presale: what it plans to have, how much of it may be sold, by whom and when.',
  })
  async configurePresaleCampaign(
    @Arg('input', () => ConfigurePresaleCampaignInput) input: ConfigurePresaleCampaignInput,
    @Ctx() context: RequestContext,
  ): Promise<ConfiguredPresale> {
    const { startsAt, endsAt } = input;
    if (endsAt <= startsAt) throw new HubError('BAD_USER_INPUT', '`endsAt` must be after `startsAt`.');
    const command = {
      type: 'configurePresale' as const,
      code: checkText(input.code, 'code'),
      pool: await poolOf(context, null, input.pool),
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
      cap: input.cap == null ? null : checkQuantity(input.cap, 'cap', 0),
      channelCaps: channelCaps(input),
      lines: plannedLines(input.lines),
    };
    const { repromised } = await this.plan(command, 'configurePresaleCampaign', input, context);
    const [campaign] = await readCampaigns(context.em, command.code);
    return { campaign: campaign!, repromised };
  }

  @Cost(10)
  @Mutation(() => ConfiguredPool, { description: 'How a pool looks at late deliveries and at returns.' })
  async configurePool(
    @Arg('input', () => ConfigurePoolInput) input: ConfigurePoolInput,
    @Ctx() context: RequestContext,
  ): Promise<ConfiguredPool> {
    const command = {
      type: 'configurePool' as const,
      pool: await poolOf(context, null, input.code),
      overdueOffsetDays: checkedDays(input.overdueOffsetDays, 'overdueOffsetDays', MAX_OFFSET_DAYS),
      overdueFenceDays: checkedDays(input.overdueFenceDays, 'overdueFenceDays', MAX_FENCE_DAYS),
      resaleRate: checkedRate(input.resaleRate),
    };
    const { repromised } = await this.plan(command, 'configurePool', input, context);
    const [pool] = await readPools(context.em, command.pool);
    return { pool: pool!, repromised };
  }

  @AssumedSize(100)
  @FieldResolver(() => [InboundLine], { description: 'As they are now.' })
  lines(@Root() inbound: Inbound, @Ctx() { em }: RequestContext): Promise<InboundLine[]> {
    return readInboundLines(em, inbound);
  }

  @AssumedSize(100)
  @FieldResolver(() => [AvailableToPromise], { description: 'As it is now, not as it was.' })
  async atp(@Root() { skus, pool }: Inbound, @Ctx() { em }: RequestContext): Promise<AvailableToPromise[]> {
    const places = skus.map((sku) => ({ sku, pool }));
    return (await readAtp(em, places)).map((reading) => AvailableToPromise.of(reading, null));
  }

  private plan(
    command: PlanCommand,
    operation: string,
    input: { idempotencyKey: string },
    { actor, requestId }: RequestContext,
  ): Promise<PlannedOutcome> {
    const idempotency = idempotencyOf(operation, input, requestId);
    return this.engine.changeSupply({ command, idempotency, actor });
  }
}

function plannedLines(lines: readonly PlannedLineInput[]): PlannedLine[] {
  checkLines(lines);
  requireOnce(
    lines.map(({ sku }) => sku),
    'lines',
  );
  return lines.map(({ sku, quantity, availableOn }, index) => ({
    sku,
    quantity: checkQuantity(quantity, `lines[${index}].quantity`, 0),
    availableOn,
  }));
}

function channelCaps({ channelCaps: caps }: ConfigurePresaleCampaignInput) {
  const given = caps ?? [];
  requireOnce(
    given.map(({ channel }) => channel),
    'channelCaps',
  );
  return given.map(({ channel, units }, index) => ({
    channel,
    units: checkQuantity(units, `channelCaps[${index}].units`, 0),
  }));
}

function requireOnce(names: string[], path: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new HubError('BAD_USER_INPUT', `\`${path}\` names ${twice} twice.`);
}

function checkedDays(days: number | null | undefined, path: string, most: number): number | undefined {
  if (days == null) return undefined;
  if (days >= 0 && days <= most) return days;
  throw new HubError('QUANTITY_OUT_OF_RANGE', `\`${path}\` must be 0 to ${most}, was ${days}.`, { path });
}

function checkedRate(rate: number | null | undefined): number | undefined {
  if (rate == null) return undefined;
  if (rate >= 0 && rate <= 1 && Number(rate.toFixed(4)) === rate) return rate;
  const message = `\`resaleRate\` must be 0 to 1 with at most four decimals, was ${rate}.`;
  throw new HubError('BAD_USER_INPUT', message, { path: 'resaleRate' });
}
