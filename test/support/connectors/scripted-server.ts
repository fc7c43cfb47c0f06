import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Answers with status 200 whatever a test says. */
export interface ScriptedServer {
  url: string;
  /** The answer to the body of a request. */
  answers: (body: string) => string;
  stop(): void;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    void text(request).then((body) => response.end(scripted.answers(body)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const scripted: ScriptedServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: () => '{}',
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return scripted;
}
