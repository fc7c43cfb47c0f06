import type { GraphQLSchema } from 'graphql';
import type { Subscriptions } from './platform/api/subscribe.ts';
import type { Job } from './platform/jobs/job.ts';
import type { BuiltModule, HubCore, HubModule } from './platform/module.ts';
import type { Shutdown } from './platform/process/shutdown.ts';

/** The modules that have been built, in their order. */
export class ModuleList {
  private readonly built: (Pick<HubModule, 'name' | 'resolvers' | 'gauges'> & {
    parts: BuiltModule<unknown>;
  })[] = [];

  /** @param started ends the modules in the reverse order, also those that are built and not started */
  constructor(
    private readonly core: HubCore,
    private readonly started: Shutdown,
  ) {}

  /** Builds a module from what those before it provide. @returns what it provides */
  async build<Needs, Provides>(module: HubModule<Needs, Provides>, needs: Needs): Promise<Provides> {
    const parts = await module.build(this.core, needs);
    const { name, resolvers, gauges } = module;
    this.built.push({ name, resolvers, gauges, parts });
    this.started.onStop(`the module ${name}`, async () => parts.stop?.());
    return parts.provides;
  }

  get resolvers(): object[] {
    return this.built.flatMap(({ parts }) => parts.resolvers);
  }

  get subscriptions(): Subscriptions {
    return Object.assign({}, ...this.built.map(({ parts }) => parts.subscriptions)) as Subscriptions;
  }

  get jobs(): Job[] {
    return this.built.flatMap(({ parts }) => parts.jobs ?? []);
  }

  get routes() {
    return this.built.flatMap(({ parts }) => parts.routes ?? []);
  }

  get gauges() {
    return this.built.flatMap(({ gauges = [] }) => gauges);
  }

  /**
   * @param all the modules that the schema was made of
   * @throws Error naming what is missing: a module, an instance of a resolver, the source of a subscription
   */
  requireWhole(all: readonly Pick<HubModule, 'name'>[], schema: GraphQLSchema): void {
    const names = new Set(this.built.map(({ name }) => name));
    const missing = all.filter(({ name }) => !names.has(name)).map(({ name }) => `the module ${name}`);
    for (const { resolvers, parts } of this.built) {
      const made = new Set(parts.resolvers.map((resolver) => resolver.constructor));
      missing.push(...resolvers.filter((one) => !made.has(one)).map((one) => `an instance of ${one.name}`));
    }
    const { subscriptions } = this;
    for (const field of Object.keys(schema.getSubscriptionType()?.getFields() ?? {}))
      if (!subscriptions[field]) missing.push(`the source of the subscription ${field}`);
    if (missing.length > 0) throw new Error(`The hub lacks ${missing.join(', ')}.`);
  }

  /** Starts the modules in their order. */
  async start(): Promise<void> {
    for (const { parts } of this.built) await parts.start?.();
  }
}
