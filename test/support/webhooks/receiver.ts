import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  id: string;
  headers: IncomingHttpHeaders;
  /** As it came. */
  text: string;
  type: string;
  data: Record<string, unknown>;
  /** What it was answered; 0 for a connection that was cut. */
  status: number;
}

/** A status, with headers or without; CUT ends the connection; HANG never answers. */
export type Answer = number | { status: number; headers: Record<string, string> } | 'CUT' | 'HANG';

export interface Receiver {
  url: string;
  received: Received[];
  /** Those that were answered with success, each id once, in the order of their first success. */
  taken: () => Received[];
  /** Decides what a message is answered; 204 at first. */
  answer: (message: Omit<Received, 'status'>) => Answer | Promise<Answer>;
  close: () => Promise<void>;
}

/** A partner's server, over real HTTP, with whatever faults a test wants. */
export async function startReceiver(): Promise<Receiver> {
  const receiver = { received: [] as Received[], answer: () => 204 } as unknown as Receiver;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { type, data } = JSON.parse(text) as Received;
      const { headers } = request;
      void respond(receiver, response, { id: String(headers['webhook-id']), headers, text, type, data });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  receiver.url = `http://127.0.0.1:${port}/hooks`;
  receiver.taken = () => {
    const successes = receiver.received.filter(({ status }) => status >= 200 && status < 300);
    return [...new Map(successes.toReversed().map((each) => [each.id, each])).values()].sort(
      (a, b) => successes.indexOf(a) - successes.indexOf(b),
    );
  };
  receiver.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return receiver;
}

async function respond(
  receiver: Receiver,
  response: ServerResponse,
  message: Omit<Received, 'status'>,
): Promise<void> {
  const answer = await receiver.answer(message);
  if (answer === 'HANG') return;
  const { status, headers } =
    typeof answer === 'object' ? answer : { status: answer === 'CUT' ? 0 : answer, headers: {} };
  receiver.received.push({ ...message, status });
  if (status === 0) response.destroy();
  else response.writeHead(status, headers).end();
}
