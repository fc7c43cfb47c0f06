import { Agent, request } from 'node:http';
import { randomUUID } from 'node:crypto';

/**
 * The neighbour of a hostile client, as a process of its own: one connection asks ATP and one reserves and releases, each
 * one call after the other. `start` begins a row of samples, `stop` ends it and sends them.
 */
const [, , url, key, sku] = process.argv;
const agent = new Agent({ keepAlive: true });
let samples = [];
let failures = [];
process.on('message', (message) => {
  if (message === 'start') [samples, failures] = [[], []];
  if (message === 'count') process.send({ count: samples.length });
  if (message === 'stop')
    process.send({ samples, failures: [...new Set(failures)], failed: failures.length });
});
process.on('disconnect', () => process.exit());

const ATP = `query Atp($skus: [ID!]!) { availableToPromise(skus: $skus) { quantity version } }`;
const RESERVE = `mutation Reserve($input: ReserveInput!) { reserve(input: $input) { __typename ... on Reservation { id } } }`;
const RELEASE = `mutation Release($input: ReservationCommandInput!) { releaseReservation(input: $input) { __typename } }`;

void (async () => {
  for (;;) await timed(ATP, { skus: [sku] }, (data) => data.availableToPromise[0].quantity > 0);
})();
void (async () => {
  for (;;) {
    const input = {
      idempotencyKey: randomUUID(),
      channel: 'tmall',
      reference: randomUUID(),
      lines: [{ sku, quantity: 1 }],
    };
    const data = await timed(RESERVE, { input }, ({ reserve }) => reserve.__typename === 'Reservation');
    if (!data) continue;
    const release = { reservationId: data.reserve.id, idempotencyKey: randomUUID() };
    await timed(
      RELEASE,
      { input: release },
      ({ releaseReservation }) => releaseReservation.__typename === 'Reservation',
    );
  }
})();

/** @returns the data of a right answer; whatever else happened is a failure */
async function timed(query, variables, isRight) {
  const began = performance.now();
  try {
    const { status, text } = await post({ query, variables });
    const { data, errors } = JSON.parse(text);
    samples.push(performance.now() - began);
    if (status === 200 && !errors && isRight(data)) return data;
    failures.push(`${status} ${errors?.[0]?.extensions?.code ?? JSON.stringify(data)}`);
  } catch (error) {
    samples.push(performance.now() - began);
    failures.push(error.message);
    await new Promise((resolve) => setTimeout(resolve, 50)); // a hub that is gone is not asked without end
  }
  return undefined;
}

function post(body) {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode, text }));
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(JSON.stringify(body));
  });
}
