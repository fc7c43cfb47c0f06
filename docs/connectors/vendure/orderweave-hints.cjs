/**
 * A Vendure plugin that tells Orderweave at once what has changed. It pushes hints only (which order, which customer);
 * the hub reads the rest through the Admin API. A hint that is lost is made good by the hub's polling.
 *
 *   const { OrderweaveHints } = require('./orderweave-hints.cjs');
 *   plugins: [OrderweaveHints.init({ url: 'https://hub.example/hooks/<source>', secret: process.env.ORDERWEAVE_SECRET })]
 *
 * Signed as Standard Webhooks says: HMAC-SHA256 over `<id>.<unix seconds>.<body>`, in base64.
 */
require('reflect-metadata');
const { createHmac, randomUUID } = require('node:crypto');
const {
  CustomerEvent,
  EventBus,
  FulfillmentStateTransitionEvent,
  Logger,
  OrderPlacedEvent,
  OrderStateTransitionEvent,
  PluginCommonModule,
  RefundStateTransitionEvent,
  VendurePlugin,
} = require('@vendure/core');

/** A push is a hint: what cannot be delivered in this time is left to polling. */
const LIMIT_MS = 5_000;
/** The hub reads back at once: the transaction that the event comes from must be over by then. */
const AFTER_MS = 100;
let options;

class OrderweaveHints {
  static init(given) {
    options = given;
    return OrderweaveHints;
  }

  constructor(eventBus) {
    this.eventBus = eventBus;
  }

  onApplicationBootstrap() {
    this.on(OrderPlacedEvent, ({ order }) => [{ stream: 'orders', recordIds: [String(order.id)] }]);
    this.on(OrderStateTransitionEvent, ({ order }) => [{ stream: 'orders', recordIds: [String(order.id)] }]);
    this.on(FulfillmentStateTransitionEvent, ({ fulfillment }) =>
      (fulfillment.orders ?? []).map((order) => ({ stream: 'orders', recordIds: [String(order.id)] })),
    );
    this.on(RefundStateTransitionEvent, ({ order, refund }) => [
      { stream: 'refunds', recordIds: [`${order.id}/${refund.id}`] },
      { stream: 'orders', recordIds: [String(order.id)] },
    ]);
    this.on(CustomerEvent, ({ entity }) => [{ stream: 'customers', recordIds: [String(entity.id)] }]);
  }

  on(Event, hintsOf) {
    this.eventBus.ofType(Event).subscribe((event) => {
      const hints = hintsOf(event);
      if (hints.length > 0) setTimeout(() => void push(hints), AFTER_MS);
    });
  }
}

async function push(hints) {
  const body = JSON.stringify({ hints });
  const id = `msg_${randomUUID()}`;
  const seconds = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(options.secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
  try {
    const answer = await fetch(options.url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (!answer.ok) Logger.warn(`the hub answered ${answer.status}`, 'OrderweaveHints');
  } catch (error) {
    Logger.warn(`the hub was not reached: ${error.message}`, 'OrderweaveHints');
  }
}

Reflect.defineMetadata('design:paramtypes', [EventBus], OrderweaveHints);
VendurePlugin({ imports: [PluginCommonModule], compatibility: '^3.0.0' })(OrderweaveHints);

module.exports = { OrderweaveHints };
