import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWithNats, startNatsServer, type NatsServer } from '../support/nats-server.ts';
import { LiveWatcher, type Told } from './live/watcher.ts';
import { LiveWorld } from './live/world.ts';

/**
 * Whatever happens to hubs, bus and clients: what each client is told of a SKU is in version order, without a gap in
 * `previousVersion`, one version is one number for all, and the last it is told is what the database says.
 * `npm run live:long` runs it long; LIVE_SEED=… again as it was.
 */
const RUNS = Number(process.env.LIVE_RUNS ?? 3);
const SEED = Number(process.env.LIVE_SEED ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = 40;
const SKUS_A_RUN = 4;
const WATCHERS = 6;
/** The sweep of the feed heals whatever else does not, within 5 seconds. */
const HEALED_MS = 20_000;

const hub = fc.nat(1);
const sku = fc.nat(SKUS_A_RUN - 1);
const watcher = fc.nat(WATCHERS - 1);
const pauseMs = fc.nat(30);
type Step =
  | { does: 'count'; hub: number; sku: number; counted: number }
  | { does: 'hold'; hub: number; sku: number; quantity: number }
  | { does: 'connect' | 'disconnect' | 'pause' | 'unpause'; watcher: number }
  | { does: 'killHub'; hub: number }
  | { does: 'cutBus' | 'heal' }
  | { does: 'wait'; pauseMs: number };
const stepOf = (does: Step['does'], parts: object = {}) =>
  fc.record({ does: fc.constant(does), ...parts }) as fc.Arbitrary<Step>;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: stepOf('count', { hub, sku, counted: fc.nat(50) }) },
    { weight: 6, arbitrary: stepOf('hold', { hub, sku, quantity: fc.integer({ min: 1, max: 5 }) }) },
    { weight: 6, arbitrary: stepOf('connect', { watcher }) },
    { weight: 3, arbitrary: stepOf('disconnect', { watcher }) },
    { weight: 3, arbitrary: stepOf('pause', { watcher }) },
    { weight: 3, arbitrary: stepOf('unpause', { watcher }) },
    { weight: 1, arbitrary: stepOf('killHub', { hub }) },
    { weight: 2, arbitrary: stepOf('cutBus') },
    { weight: 1, arbitrary: stepOf('heal') },
    { weight: 4, arbitrary: stepOf('wait', { pauseMs }) },
  ),
  { minLength: STEPS, maxLength: STEPS },
);

/** One run: its own SKUs and clients, on hubs that have lived through the runs before. */
class Run {
  private readonly quantityOf = new Map<string, number>();
  private readonly complaints: string[] = [];
  private readonly watchers: LiveWatcher[];
  private readonly commands: Promise<void>[] = [];

  constructor(
    private readonly world: LiveWorld,
    private readonly skus: readonly string[],
  ) {
    this.watchers = Array.from(
      { length: WATCHERS },
      (_, index) =>
        new LiveWatcher(
          skus.filter((_sku, at) => index === 0 || at % 2 === index % 2),
          () => world.hub(index),
          (told) => this.compare(told),
        ),
    );
  }

  async take(step: Step): Promise<void> {
    const { world } = this;
    switch (step.does) {
      case 'count': {
        const lines = [{ sku: this.skus[step.sku], counted: step.counted }];
        this.send(step.hub, 'adjustStock', 'AdjustStockInput', { node: 'WH', reason: 'count', lines });
        return;
      }
      case 'hold': {
        const lines = [{ sku: this.skus[step.sku], quantity: step.quantity }];
        const basket = { channel: 'jd', reference: 'r', ttlSeconds: 1, lines };
        this.send(step.hub, 'reserve', 'ReserveInput', basket);
        return;
      }
      case 'killHub':
        return world.killHub(step.hub);
      case 'cutBus':
        return world.cutBus();
      case 'heal':
        return world.heal();
      case 'wait':
        return delay(step.pauseMs);
      default:
        this.watchers[step.watcher]![step.does]();
    }
  }

  /** Everything is up again and nobody does anything: then all must be shown what is true. */
  async judge(): Promise<void> {
    await this.world.heal();
    await Promise.all(this.commands);
    for (const each of this.watchers) {
      each.connect();
      each.unpause();
    }
    const deadline = performance.now() + HEALED_MS;
    let late = await this.late();
    while (late.length > 0 && performance.now() < deadline) {
      await delay(10);
      late = await this.late();
    }
    for (const each of this.watchers) each.disconnect();
    expect([...this.complaints, ...this.watchers.flatMap(({ complaints }) => complaints)]).toEqual([]);
    expect(late).toEqual([]);
  }

  private send(...command: Parameters<LiveWorld['command']>): void {
    const sent = this.world.command(...command);
    sent.catch((error: unknown) => this.complaints.push(String(error)));
    this.commands.push(sent);
  }

  private compare({ atp: { sku: code, version, quantity } }: Told): void {
    const id = `${code.code} ${version}`;
    const known = this.quantityOf.get(id) ?? quantity;
    this.quantityOf.set(id, known);
    if (known !== quantity) this.complaints.push(`${id} is ${known} and ${quantity}`);
  }

  private async late(): Promise<string[]> {
    const truth = await this.world.promises(this.skus);
    return this.watchers.flatMap(({ skus, shown }, index) =>
      skus.flatMap((code) => {
        const [is, should] = [shown.get(code), truth.get(code)!];
        const same = is?.version === should.version && is.quantity === should.quantity;
        return same ? [] : [`client ${index}, ${code}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`];
      }),
    );
  }
}

function property(startNats: () => Promise<NatsServer | undefined>): void {
  let world: LiveWorld;
  let runs = 0;
  const skusOf = (run: number) => Array.from({ length: SKUS_A_RUN }, (_, index) => `R${run}-${index}`);

  beforeAll(async () => {
    const all = Array.from({ length: RUNS }, (_, run) => skusOf(run)).flat();
    world = await LiveWorld.start(all, await startNats());
  });
  afterAll(() => world?.stop());

  // Each run kills processes and waits for what heals by itself.
  test(
    `every client is told in order, and of the end (LIVE_SEED=${SEED})`,
    () =>
      fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          const run = new Run(world, skusOf(runs++));
          for (const step of sequence) await run.take(step);
          await run.judge();
        }),
        { numRuns: RUNS, seed: SEED, endOnFailure: true },
      ),
    60_000 + RUNS * 30_000,
  );
}

describe('live ATP over PostgreSQL', () => property(async () => undefined));
describeWithNats('live ATP over NATS', () => property(() => startNatsServer()));
