import { Agent } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { nextCommand, type Command } from '../../invariants/torture/commands.ts';
import { postGraphql } from '../post-graphql.ts';

/** A running hub of a version. */
export interface Version {
  name: string;
  url: string;
  adminKey: string;
}

/** An answer without what may differ between versions: the texts of errors. */
type Answer = { data: unknown } | { code: string | undefined };

/** A command with the answer that it must have for ever. */
export interface Exchange {
  command: Command;
  answer: Answer;
}

export interface Difference {
  command: Command;
  asked: string;
  expected: Answer;
  answer: Answer;
}

const RESERVATION = `id state channel reference campaign orderExternalId createdAt expiresAt
  lines { quantity promisedOn released allocated shipped unbacked sku { code } }
  shortages { sku requested available availableOn } events { at state actor reason }`;
const OPEN = `__typename ... on Reservation { ${RESERVATION} } ... on ReservationNotOpen { reservationId state }`;
const RESTOCK = `__typename ... on Restock { id movements { sku pool node counter delta cause at } }
  ... on RestockRefused { reason sku restockable }`;

/** All that a reply has, so that nothing of it may differ. */
const documents: Readonly<Record<string, string>> = {
  reserve: document(
    'ReserveInput',
    'reserve',
    `__typename ... on Reservation { ${RESERVATION} }
     ... on InsufficientStock { shortages { sku requested available availableOn } }`,
  ),
  confirmReservation: document('ConfirmReservationInput', 'confirmReservation', OPEN),
  releaseReservation: document('ReservationCommandInput', 'releaseReservation', OPEN),
  extendReservation: document('ExtendReservationInput', 'extendReservation', OPEN),
  cancelReservation: document('CancelReservationInput', 'cancelReservation', OPEN),
  restock: document('RestockInput', 'restock', RESTOCK),
  adjustStock: document('AdjustStockInput', 'adjustStock', RESTOCK),
  recordRefund: document('RecordRefundInput', 'recordRefund', RESTOCK),
  recordFulfilment: document('RecordFulfilmentInput', 'recordFulfilment', '__typename'),
  routeOrder: document('RouteOrderInput', 'routeOrder', '__typename ... on RoutingDecision { id }'),
};

function document(input: string, mutation: string, selection: string): string {
  return `mutation ($input: ${input}!) { ${mutation}(input: $input) { ${selection} } }`;
}

/** Errors after which a client sends the same command again. */
const AGAIN = new Set(['OVERLOADED', 'DATABASE_UNAVAILABLE']);

/** Sends a command until it is answered. */
export async function answerOf(version: Version, command: Command, agent?: Agent): Promise<Answer> {
  const body = { query: documents[command.mutation]!, variables: { input: command.input } };
  for (;;) {
    const { data, errors } = await postGraphql(version, body, agent);
    if (!errors) return { data };
    const code = errors[0]!.extensions?.code;
    if (code === undefined || !AGAIN.has(code)) return { code };
  }
}

export interface LoadOptions {
  clients: number;
  random: () => number;
  /** Makes keys unique among the loads of a test. */
  name: string;
  /** The versions that serve now; each command goes to some, in any order, one of them twice. */
  versions: () => readonly Version[];
  /** Other commands to send among the random ones, each once. */
  more?: Command[];
  goOn: (answered: number) => boolean;
}

/**
 * Runs clients that send each command to every version under the same key, sometimes at the same time, and compares the
 * answers.
 */
export async function runMixedLoad(
  options: LoadOptions,
): Promise<{ exchanges: Exchange[]; differences: Difference[] }> {
  const { random, versions, more = [] } = options;
  const exchanges: Exchange[] = [];
  const differences: Difference[] = [];
  const accepted: string[] = [];
  let sent = 0;
  await Promise.all(
    Array.from({ length: options.clients }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      while (options.goOn(exchanges.length)) {
        const other = random() < 0.2 ? more.pop() : undefined;
        const command = other ?? nextCommand(random, `${options.name}-${sent++}`, accepted);
        const order = versions().toSorted(() => random() - 0.5);
        const asked = [...order, order[0]!];
        const answers: Answer[] = [];
        if (random() < 0.3)
          answers.push(...(await Promise.all(asked.map((version) => answerOf(version, command, agent)))));
        else for (const version of asked) answers.push(await answerOf(version, command, agent));
        const [answer] = answers as [Answer];
        exchanges.push({ command, answer });
        answers.forEach((one, index) => {
          if (!isDeepStrictEqual(one, answer))
            differences.push({ command, asked: asked[index]!.name, expected: answer, answer: one });
        });
        const id = ((answer as { data?: { reserve?: { id?: string } } }).data?.reserve ?? {}).id;
        if (id !== undefined) accepted.push(id);
      }
      agent.destroy();
    }),
  );
  return { exchanges, differences };
}

/** Repeats commands, each at one version, and finds the answers that are not what they were. */
export async function repeatAll(exchanges: readonly Exchange[], version: Version): Promise<Difference[]> {
  const differences: Difference[] = [];
  const waiting = [...exchanges];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const { command, answer: expected } = next;
        const answer = await answerOf(version, command, agent);
        if (!isDeepStrictEqual(answer, expected))
          differences.push({ command, asked: version.name, expected, answer });
      }
      agent.destroy();
    }),
  );
  return differences;
}
