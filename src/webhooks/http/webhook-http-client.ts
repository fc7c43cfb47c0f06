import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Webhook } from 'standardwebhooks';
import { guardedLookup, urlProblem, type TargetPolicy } from './ssrf-guard.ts';
import { retryAfterOf, type Attempt } from './retry-policy.ts';

/** From the connection to the end of the answer. */
const ANSWER_WITHIN_MS = 10_000;
/** So much of an answer is read; a longer one ends its connection. */
const MAX_ANSWER_BYTES = 16_384;
const SOCKETS_PER_HOST = 16;

export interface Message {
  id: string;
  url: string;
  /** The body, to the byte. */
  payload: string;
  /** The present one, and for a while the one before it. */
  secrets: readonly string[];
}

/**
 * Posts messages signed as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 of
 * `id.timestamp.body`, a signature for each secret. Redirects are not followed.
 */
export class WebhookHttpClient {
  private readonly agents: { 'http:': http.Agent; 'https:': https.Agent };

  constructor(
    private readonly targets: TargetPolicy,
    private readonly answerWithinMs = ANSWER_WITHIN_MS,
  ) {
    const options = { keepAlive: true, maxSockets: SOCKETS_PER_HOST, maxFreeSockets: 4, timeout: 30_000 };
    this.agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  }

  /** Never rejects: what went wrong is what the attempt came to. */
  async send(message: Message): Promise<Attempt> {
    const problem = urlProblem(message.url, this.targets);
    if (problem !== undefined) return failed(`the URL ${problem}`);
    const signal = AbortSignal.timeout(this.answerWithinMs);
    for (;;) {
      try {
        return await attemptOf(await this.post(message, signal));
      } catch (error) {
        if (signal.aborted) return failed(`no answer within ${this.answerWithinMs / 1000} s`);
        // The receiver may close a connection that we kept, in the moment in which we take it up again.
        if (!isLostBeforehand(error)) return failed(reasonOf(error));
      }
    }
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private post({ id, url, payload, secrets }: Message, signal: AbortSignal): Promise<IncomingMessage> {
    const target = new URL(url);
    const secure = target.protocol === 'https:';
    const timestamp = new Date();
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(
        target,
        {
          method: 'POST',
          agent: this.agents[secure ? 'https:' : 'http:'],
          lookup: guardedLookup(this.targets),
          signal,
          headers: {
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(payload),
            'user-agent': 'Orderweave-Webhooks',
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(timestamp.getTime() / 1000)),
            'webhook-signature': secrets
              .map((secret) => new Webhook(secret).sign(id, timestamp, payload))
              .join(' '),
          },
        },
        resolve,
      );
      request.once('error', (error: PostError) => {
        error.reusedSocket = request.reusedSocket;
        reject(error);
      });
      request.end(payload);
    });
  }
}

interface PostError extends Error {
  code?: string;
  reusedSocket?: boolean;
}

function isLostBeforehand(error: unknown): boolean {
  const { code, reusedSocket } = error as PostError;
  return reusedSocket === true && (code === 'ECONNRESET' || code === 'EPIPE');
}

async function attemptOf(response: IncomingMessage): Promise<Attempt> {
  const status = response.statusCode!;
  await readToTheEnd(response);
  if (status >= 200 && status < 300) return { status, error: null, retryAfterMs: null };
  const retryAfterMs = retryAfterOf(response.headers['retry-after'], new Date());
  return { status, error: `answered ${status}`, retryAfterMs };
}

/** Reads an answer, as long as it is short, so that the connection can be used again. */
async function readToTheEnd(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) break; // which ends the connection
  }
}

function failed(error: string): Attempt {
  return { status: null, error, retryAfterMs: null };
}

/**
 * Says what kind of failure it was, and no more: names that resolve only here, and addresses behind them, are nobody's
 * business who can make an endpoint.
 */
function reasonOf(error: unknown): string {
  const { name, code } = error as PostError;
  if (name === 'ForbiddenAddress' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return 'the name does not lead to a public address';
  return `the connection failed (${code ?? name})`;
}
