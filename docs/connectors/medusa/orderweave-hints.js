/**
 * A Medusa subscriber that tells Orderweave at once what has changed. It pushes hints only (which order, which customer);
 * the hub reads the rest through the Admin API. A hint that is lost is made good by the hub's polling.
 *
 * Copy it to `src/subscribers/` of the Medusa project, and set in its environment
 *   ORDERWEAVE_URL=https://hub.example/hooks/<source>
 *   ORDERWEAVE_SECRET=whsec_…
 *
 * Signed as Standard Webhooks says: HMAC-SHA256 over `<id>.<unix seconds>.<body>`, in base64.
 */
const { createHmac, randomUUID } = require('node:crypto');

/** A push is a hint: what cannot be delivered in this time is left to polling. */
const LIMIT_MS = 5_000;

const orderHint = (id) => ({ stream: 'orders', recordIds: [id] });
const ofOrder = ({ id }) => [orderHint(id)];
const ofOrderId = ({ order_id }) => [orderHint(order_id)];
const ofReturn = ({ order_id, return_id }) => [
  orderHint(order_id),
  { stream: 'returns', recordIds: [return_id] },
];
const ofCustomer = ({ id }) => [{ stream: 'customers', recordIds: [id] }];

/** Events of https://docs.medusajs.com/resources/references/events, and what they hint at. */
const EVENTS = {
  'order.placed': ofOrder,
  'order.updated': ofOrder,
  'order.canceled': ofOrder,
  'order.completed': ofOrder,
  'order.archived': ofOrder,
  'order-edit.confirmed': ofOrderId,
  'order.fulfillment_created': ofOrderId,
  'order.fulfillment_canceled': ofOrderId,
  'shipment.created': ofFulfilment,
  'delivery.created': ofFulfilment,
  'order.return_requested': ofReturn,
  'order.return_received': ofReturn,
  'order.exchange_created': ofOrderId,
  'order.claim_created': ({ order_id, claim_id }) => [
    orderHint(order_id),
    { stream: 'claims', recordIds: [claim_id] },
  ],
  'payment.refunded': ofRefundedPayment,
  'customer.created': ofCustomer,
  'customer.updated': ofCustomer,
};

async function ofFulfilment({ id }, query) {
  const { data } = await query.graph({ entity: 'fulfillment', fields: ['order.id'], filters: { id } });
  return data.flatMap(({ order }) => (order ? [orderHint(order.id)] : []));
}

/** A refund is found by its order. */
async function ofRefundedPayment({ id }, query) {
  const fields = ['payment_collection.order.id'];
  const { data } = await query.graph({ entity: 'payment', fields, filters: { id } });
  return data.flatMap(({ payment_collection }) => {
    const order = payment_collection?.order;
    return order ? [orderHint(order.id), { stream: 'refunds', recordIds: [order.id] }] : [];
  });
}

async function orderweaveHints({ event: { name, data }, container }) {
  const logger = container.resolve('logger');
  try {
    // An event may be told of several things.
    const told = Array.isArray(data) ? data : [data];
    const hints = await Promise.all(told.map((one) => EVENTS[name](one, container.resolve('query'))));
    const status = await push(hints.flat());
    if (status >= 300) logger.warn(`Orderweave: the hub answered ${status}`);
  } catch (error) {
    // Thrown, it would be tried again and again by some event buses.
    logger.warn(`Orderweave: no hint of ${name} was given: ${error.message}`);
  }
}

async function push(hints) {
  const { ORDERWEAVE_URL, ORDERWEAVE_SECRET } = process.env;
  const body = JSON.stringify({ hints });
  const id = `msg_${randomUUID()}`;
  const seconds = String(Math.floor(Date.now() / 1000));
  const key = Buffer.from(ORDERWEAVE_SECRET.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': `v1,${signature}`,
  };
  const answer = await fetch(ORDERWEAVE_URL, {
    method: 'POST',
    headers,
    body,
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  return answer.status;
}

module.exports = { default: orderweaveHints, config: { event: Object.keys(EVENTS) } };
