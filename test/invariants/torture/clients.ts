import { Agent } from 'node:http';
import { postGraphql } from '../../support/post-graphql.ts';
import { documents, nextCommand, type Command } from './commands.ts';
import { answerOf, type History, type Operation, type Reply } from './history.ts';

/** Where the hubs are now; one that was killed comes back under another address. */
export type Addresses = () => readonly { url: string; adminKey: string }[];

export interface ClientsOptions {
  clients: number;
  random: () => number;
  addresses: Addresses;
  history: History;
  /** Whether another command is to be sent. */
  goOn: () => boolean;
  onAnswer: () => void;
}

/** What a client that retries blindly does: anything that is no answer is asked again, under the same key. */
const COME_AGAIN = new Set(['OVERLOADED', 'DATABASE_UNAVAILABLE']);

/** Runs clients until each has the answer to all that it asked. */
export async function runClients(options: ClientsOptions): Promise<void> {
  const accepted: string[] = [];
  let commands = 0;
  await Promise.all(
    Array.from({ length: options.clients }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 2 });
      while (options.goOn()) {
        const command = nextCommand(options.random, `torture-${commands++}`, accepted);
        const operation = await carryOut(command, agent, options);
        const answer = answerOf(operation);
        if (operation.mutation === 'reserve' && answer?.id !== undefined) accepted.push(answer.id);
        if (options.random() < 0.03) await misuse(operation, agent, options);
      }
      agent.destroy();
    }),
  );
}

/** One command in ten is sent twice at the same time. */
async function carryOut(command: Command, agent: Agent, options: ClientsOptions): Promise<Operation> {
  const operation: Operation = { ...command, invokedAt: Date.now(), completedAt: Infinity, replies: [] };
  options.history.operations.push(operation);
  const attempts = options.random() < 0.1 ? 2 : 1;
  await Promise.all(
    Array.from({ length: attempts }, async () => {
      const reply = await answered(command, agent, options);
      operation.completedAt = Math.min(operation.completedAt, Date.now());
      operation.replies.push(reply);
    }),
  );
  options.onAnswer();
  return operation;
}

/** The same key for something else. */
async function misuse(before: Operation, agent: Agent, options: ClientsOptions): Promise<void> {
  const command = {
    mutation: 'adjustStock',
    input: {
      idempotencyKey: before.input.idempotencyKey,
      node: 'WH',
      reason: 'never',
      lines: [{ sku: 'A', delta: 1000 }],
    },
  };
  const operation: Operation = {
    ...command,
    misuse: true,
    invokedAt: Date.now(),
    completedAt: Infinity,
    replies: [],
  };
  options.history.operations.push(operation);
  operation.replies.push(await answered(command, agent, options));
  operation.completedAt = Date.now();
}

async function answered(command: Command, agent: Agent, options: ClientsOptions): Promise<Reply> {
  const { random, addresses, history } = options;
  const body = { query: documents[command.mutation]!, variables: { input: command.input } };
  for (;;) {
    const hubs = addresses();
    const hub = hubs[Math.floor(random() * hubs.length)]!;
    const reply = (await postGraphql(hub, body, agent).catch(() => undefined)) as Reply | undefined;
    const code = reply?.errors?.[0]?.extensions?.code;
    if (reply && (code === undefined || !COME_AGAIN.has(code))) return reply;
    const reason = code ?? 'no answer';
    history.retried[reason] = (history.retried[reason] ?? 0) + 1;
    // Not a wait for something to become true: clients that come again at once would only spin.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
