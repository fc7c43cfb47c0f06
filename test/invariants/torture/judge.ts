import { SKUS } from './commands.ts';
import { answerOf, type Answer, type History, type Operation } from './history.ts';
import { statesOf, type Movement, type State } from './timeline.ts';

/** Clocks are one machine's; the client's counts whole milliseconds. */
const CLOCK_MS = 2;

export interface Reservation {
  id: string;
  state: string;
  reference: string;
  quantity: number;
}
export interface Evidence {
  history: History;
  movements: Movement[];
  /** As stored when all is over. */
  reservations: Reservation[];
}

/** What contradicts the guarantees; empty when nothing does. */
export function contradictions(evidence: Evidence): string[] {
  return [
    ...noSurprises(evidence.history),
    ...oneAnswerAKey(evidence.history),
    ...nothingLostNothingInvented(evidence),
    ...neverBelowZero(evidence),
    ...effectsWithinTheirCalls(evidence),
    ...refusalsWereTrue(evidence),
    ...firstComesFirst(evidence),
  ];
}

const nameOf = ({ mutation, input }: Operation) => `${mutation} ${input.idempotencyKey}`;

/** The only error that a client sees is the conflict that it has made itself; no deadlock, no defect. */
function noSurprises({ operations }: History): string[] {
  return operations.flatMap((operation) =>
    operation.replies.flatMap(({ errors }) => {
      const conflict = errors?.[0]?.extensions?.code === 'IDEMPOTENCY_CONFLICT';
      const asItShould = operation.misuse ? conflict : errors === undefined;
      return asItShould ? [] : [`${nameOf(operation)} was answered ${JSON.stringify(errors)}`];
    }),
  );
}

function oneAnswerAKey({ operations }: History): string[] {
  return operations.flatMap((operation) => {
    const texts = new Set(operation.replies.map((reply) => JSON.stringify(reply.data)));
    return texts.size === 1 ? [] : [`${nameOf(operation)} got ${[...texts].join(' and ')}`];
  });
}

const reserves = ({ operations }: History) =>
  operations.filter(({ mutation, misuse }) => mutation === 'reserve' && !misuse);

/** Every reservation that was promised is there with its units, and there is no other. */
function nothingLostNothingInvented({ history, reservations }: Evidence): string[] {
  const stored = new Map(reservations.map((reservation) => [reservation.id, reservation]));
  const promised = new Set<string>();
  const problems: string[] = [];
  for (const operation of reserves(history)) {
    const answer = answerOf(operation);
    if (answer?.__typename !== 'Reservation') continue;
    const there = stored.get(answer.id!);
    promised.add(answer.id!);
    const units = answer.lines!.reduce((sum, { quantity }) => sum + quantity, 0);
    if (there?.quantity !== units || there.reference !== operation.input.reference)
      problems.push(`${nameOf(operation)} was promised ${units} units; stored is ${JSON.stringify(there)}`);
    problems.push(...soundBasket(operation, answer));
  }
  for (const { id, reference } of reservations)
    if (!promised.has(id)) problems.push(`the reservation ${id} of ${reference} was promised to nobody`);
  return problems;
}

/** All or nothing is all; what PARTIAL left out is named. */
function soundBasket(operation: Operation, answer: Answer): string[] {
  const asked = operation.input.lines as { sku: string; quantity: number }[];
  return [...new Set(asked.map(({ sku }) => sku))].flatMap((sku) => {
    const requested = asked.filter((line) => line.sku === sku).reduce((sum, line) => sum + line.quantity, 0);
    const got = answer.lines!.filter((line) => line.sku.code === sku);
    const units = got.reduce((sum, { quantity }) => sum + quantity, 0);
    const shortage = answer.shortages!.find((one) => one.sku === sku);
    const explained = shortage ? shortage.available === units && units < requested : units === requested;
    const whole = operation.input.mode === 'PARTIAL' || !shortage;
    return explained && whole ? [] : [`${nameOf(operation)} got ${units} of ${requested} ${sku}`];
  });
}

/** No unit is promised twice, at any point of the one order of execution. */
function neverBelowZero({ movements }: Evidence): string[] {
  return SKUS.flatMap((sku) =>
    statesOf(movements, sku)
      .filter(({ from, until, available }) => until > from && available < 0)
      .map(({ from, available }) => `${sku} was promised ${-available} times too often at ${from}`),
  );
}

/** The movement that a call has made, by the id that it was answered. */
function effects({ history, movements }: Evidence): { operation: Operation; movement: Movement }[] {
  const byReservation = new Map(
    movements.filter(({ cause }) => cause === 'RESERVE').map((one) => [one.reservationId, one]),
  );
  const byRestock = new Map(movements.map((movement) => [movement.restockId, movement]));
  return history.operations.flatMap((operation) => {
    const answer = answerOf(operation);
    const movement =
      answer?.__typename === 'Restock'
        ? byRestock.get(answer.id!)
        : operation.mutation === 'reserve' && answer?.id !== undefined
          ? byReservation.get(answer.id)
          : undefined;
    return movement ? [{ operation, movement }] : [];
  });
}

function effectsWithinTheirCalls(evidence: Evidence): string[] {
  return effects(evidence)
    .filter(
      ({ operation, movement: { at } }) =>
        at < operation.invokedAt - CLOCK_MS || at > operation.completedAt + CLOCK_MS,
    )
    .map(({ operation }) => `${nameOf(operation)} took effect outside of its call`);
}

/** A refusal names a number that was true at some instant of the call. */
function refusalsWereTrue({ history, movements }: Evidence): string[] {
  const timelines = new Map(SKUS.map((sku) => [sku, statesOf(movements, sku)]));
  return reserves(history).flatMap((operation) =>
    (answerOf(operation)?.shortages ?? [])
      .filter(({ sku, available }) => !wasTrue(timelines.get(sku)!, operation, available))
      .map(
        ({ sku, available }) => `${nameOf(operation)} was told of ${available} ${sku}, which never was so`,
      ),
  );
}

function wasTrue(
  states: readonly State[],
  { invokedAt, completedAt }: Operation,
  available: number,
): boolean {
  return states.some(
    (state) =>
      Math.max(0, state.available) === available &&
      state.until >= invokedAt - CLOCK_MS &&
      state.from <= completedAt + CLOCK_MS,
  );
}

/** A call that was answered before another one was made comes before it in the order of execution. */
function firstComesFirst(evidence: Evidence): string[] {
  const order = new Map(evidence.movements.map((movement, index) => [movement, index]));
  return SKUS.flatMap((sku) => {
    const problems: string[] = [];
    let latestStart = -Infinity;
    const ofSku = effects(evidence)
      .filter(({ movement }) => movement.sku === sku)
      .sort((a, b) => order.get(a.movement)! - order.get(b.movement)!);
    for (const { operation } of ofSku) {
      if (operation.completedAt < latestStart - CLOCK_MS)
        problems.push(`${nameOf(operation)} took effect after one that was made later, on ${sku}`);
      latestStart = Math.max(latestStart, operation.invokedAt);
    }
    return problems;
  });
}
