import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { NatsAddress } from '../process/nats-address.ts';
import type { BusConnection, BusTransport } from './transport.ts';

const CONNECT_TIMEOUT_MS = 2_000;
/** A server that does not answer two pings is gone. */
const PING_MS = 2_000;

/** NATS, by its core publish/subscribe: nothing is stored, and nothing needs to be. */
export function natsTransport(address: NatsAddress): BusTransport {
  return {
    maxPayloadBytes: 60_000, // servers take 1 MB by default; beyond this a payload gains nothing by being larger
    async open(onPayload, signal) {
      signal.throwIfAborted();
      const nats = await connect(optionsFor(address));
      const refusal = firstRefusal(nats);
      const ended = nats.closed().then(() => undefined);
      const lost = ended.then((): never => {
        throw new Error('NATS is gone');
      });
      lost.catch(() => undefined); // heard by whoever waits for an answer just then
      const confirmed = async () => {
        await Promise.race([nats.flush(), lost]); // of a connection that ends, a flush may never settle
        refusal.throwIfAny();
      };
      try {
        signal.throwIfAborted();
        nats.subscribe(address.subject, {
          callback: (error, message) => (error ? refusal.take(error) : onPayload(message.string())),
        });
        await confirmed(); // from here on it hears
      } catch (error) {
        await nats.close();
        throw error;
      }
      return {
        async send(payloads) {
          for (const payload of payloads) nats.publish(address.subject, payload);
          await confirmed();
        },
        ended,
        close: () => nats.close(),
      } satisfies BusConnection;
    },
  };
}

/** The server reports refused subjects beside the calls, which succeed. */
function firstRefusal(nats: NatsConnection) {
  let refusal: Error | undefined;
  const take = (error: Error) => void (refusal ??= error);
  void (async () => {
    for await (const status of nats.status()) if (status.type === 'error') take(status.error);
  })();
  return {
    take,
    throwIfAny() {
      if (refusal) throw refusal;
    },
  };
}

/** The bus connects anew by itself, alike for both transports. */
function optionsFor({ servers, tls, user, password, token }: NatsAddress): NodeConnectionOptions {
  return {
    name: 'orderweave bus',
    servers,
    ...(tls ? { tls: {} } : {}),
    ...(user === undefined ? {} : { user, pass: password }),
    ...(token === undefined ? {} : { token }),
    reconnect: false,
    noEcho: true,
    noAsyncTraces: true,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_MS,
    maxPingOut: 2,
  };
}
