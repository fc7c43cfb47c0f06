import { nodeByCode, type StockEngine } from '../inventory/index.ts';
import { ordersImported } from '../order/index.ts';
import { defineAccess } from '../platform/module-access.ts';
import type { HubModule } from '../platform/module.ts';
import { tasksOpened, type ReviewServices } from '../review/index.ts';
import type { SyncServices } from '../sync/index.ts';
import { NodeWorkResolver, OrderRoutingResolver } from './api/order-routing.resolver.ts';
import { RoutingFeed } from './api/routing-feed.ts';
import { RoutingCandidateResolver, RoutingResolver } from './api/routing.resolver.ts';
import { RuleSetResolver } from './api/rule-set.resolver.ts';
import { PlannedShipmentResolver, ShipmentLineResolver } from './api/shipment.resolver.ts';
import { routingMigrations } from './migrations/routing.migrations.ts';
import { FulfilmentService } from './orders/record-fulfilment.ts';
import { routingActions } from './orders/review-actions.ts';
import { OrderRouter, type RoutingNews } from './orders/route-order.ts';
import { RoutingJob } from './orders/routing.job.ts';
import { routingGauges } from './orders/routing.metrics.ts';
import { routingImporters } from './routing-importers.ts';
import { ordersRouted } from './routing.signals.ts';
import { followParcels } from './shipments/parcel-follower.ts';
import { queueFulfilment } from './shipments/queue-fulfilment.ts';
import { ensureStarterRules } from './store/rule-set-store.ts';
import { DecisionPool } from './workers/decision-pool.ts';

interface RoutingNeeds {
  review: ReviewServices;
  sync: SyncServices;
  engine: StockEngine;
}

/** Services of routing for others. */
export interface RoutingServices {
  /** Routes all orders that wait, before the job does. */
  readonly routeWaiting: () => Promise<void>;
}

const resolvers = [
  RoutingResolver,
  RuleSetResolver,
  PlannedShipmentResolver,
  ShipmentLineResolver,
  RoutingCandidateResolver,
  OrderRoutingResolver,
  NodeWorkResolver,
];

export const routingModule = {
  name: 'routing',
  migrations: routingMigrations,
  resolvers,
  subgraphs: {
    routing: {
      resolvers,
      entities: { RoutingDecision: { key: 'id', lookUp: { query: 'routingDecision' } } },
    },
  },
  access: defineAccess({
    declare: {
      'routing:read': 'Routing decisions, rules and price lists.',
      'routing:write': 'Routing orders, answering shipments, drafting rules.',
    },
    fields: {
      'Query.routingDecision': 'routing:read',
      'Query.replayRoutingDecision': 'routing:read',
      'Query.ruleSets': 'routing:read',
      'Query.carrierServices': 'routing:read',
      'Mutation.routeOrder': 'routing:write',
      'Mutation.recordFulfilment': 'routing:write',
      'Mutation.createRuleSetDraft': 'routing:write',
      'Subscription.routingDecided': 'routing:read',
    },
  }),
  gauges: routingGauges,
  build({ config, orm, bus, signals, jobs, log }, { review, sync, engine }) {
    const feed = new RoutingFeed(bus, orm.em, log);
    signals.on(ordersRouted, (ids) => feed.publish(ids));
    const tell = ({ decided, openedTasks }: RoutingNews) => {
      signals.publish(
        ordersRouted,
        decided.map(({ decisionId }) => decisionId),
      );
      signals.publish(tasksOpened, openedTasks);
    };
    const deciders = new DecisionPool({ workers: config.routingWorkers, log });
    const router = new OrderRouter(orm.em, engine, deciders, tell);
    const job = new RoutingJob(orm.em, engine, router, tell, log);
    const wake = () => jobs.wake(job.name);
    signals.on(ordersImported, wake);
    const takesFulfilments = sync.takesWrites('FULFILMENT');
    const fulfilment = new FulfilmentService(orm.em, engine, wake, (em, { id, orderId }) =>
      queueFulfilment(em, takesFulfilments, { shipmentId: id, orderId }),
    );
    review.kinds.register(routingActions(engine));
    sync.importers.register(routingImporters);
    sync.tasks.register(followParcels);
    return {
      provides: { routeWaiting: () => job.run() },
      resolvers: [
        new RoutingResolver(router, deciders),
        new RuleSetResolver(),
        new PlannedShipmentResolver(fulfilment),
        new ShipmentLineResolver(),
        new RoutingCandidateResolver(),
        new OrderRoutingResolver(),
        new NodeWorkResolver(),
      ],
      subscriptions: {
        async routingDecided({ node }: { node?: string | null }, context) {
          if (node != null) await context.load(nodeByCode, node); // throws of one that does not exist
          return feed.watch(node ?? null);
        },
      },
      jobs: [job],
      start: () => ensureStarterRules(orm.em.fork()),
      async stop() {
        await deciders.close();
        await feed.close();
      },
    };
  },
} satisfies HubModule<RoutingNeeds, RoutingServices>;
