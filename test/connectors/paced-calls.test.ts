import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { FatalError, PacedCalls, RetriableError, sendHttp, type Pace } from '../../connectors/spi/index.ts';
import { never } from '../support/connectors/read-all.ts';

const quick: Pace = { concurrency: 4, retryAfterMs: 1 };
const failing = (times: number, error: () => Error) => {
  let calls = 0;
  const work = async () => {
    calls += 1;
    if (calls <= times) throw error();
    return calls;
  };
  return { work, calls: () => calls };
};

describe('paced calls', () => {
  it('tries again what may pass, and gives up after the last attempt', async () => {
    const passing = failing(3, () => new RetriableError('busy'));
    expect(await new PacedCalls(quick).call(passing.work, never)).toBe(4);
    const lasting = failing(9, () => new RetriableError('busy'));
    await expect(new PacedCalls(quick).call(lasting.work, never)).rejects.toThrow('busy');
    expect(lasting.calls()).toBe(4);
  });

  it('does not try again what stays, nor what is to come back much later', async () => {
    const fatal = failing(9, () => new FatalError('wrong key'));
    await expect(new PacedCalls(quick).call(fatal.work, never)).rejects.toThrow('wrong key');
    expect(fatal.calls()).toBe(1);
    const later = failing(9, () => new RetriableError('tomorrow', { retryAfterMs: 86_400_000 }));
    await expect(new PacedCalls(quick).call(later.work, never)).rejects.toThrow('tomorrow');
    expect(later.calls()).toBe(1);
  });

  it('waits as long as it is told', async () => {
    const told = failing(1, () => new RetriableError('busy', { retryAfterMs: 60 }));
    const from = performance.now();
    await new PacedCalls(quick).call(told.work, never);
    expect(performance.now() - from).toBeGreaterThanOrEqual(59);
  });

  it('asks nothing for a while after many failures in a row', async () => {
    const calls = new PacedCalls({ ...quick, attempts: 1, breakAfter: 3 });
    const broken = failing(99, () => new RetriableError('down'));
    for (let call = 0; call < 3; call++) await expect(calls.call(broken.work, never)).rejects.toThrow('down');
    await expect(calls.call(broken.work, never)).rejects.toThrow('left alone');
    expect(broken.calls()).toBe(3);
  });

  it('has no more calls under way than allowed, and begins no more in a window than allowed', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
    try {
      const calls = new PacedCalls({ concurrency: 2, rate: { calls: 3, perMs: 80 } });
      const begun: number[] = [];
      let under = 0;
      let most = 0;
      const all = Promise.all(
        Array.from({ length: 7 }, () =>
          calls.call(async () => {
            begun.push(Date.now());
            most = Math.max(most, ++under);
            await new Promise(setImmediate);
            under -= 1;
          }, never),
        ),
      );
      await jest.advanceTimersByTimeAsync(1_000);
      await all;
      expect(most).toBe(2);
      for (let index = 3; index < begun.length; index++)
        expect(begun[index]! - begun[index - 3]!).toBeGreaterThanOrEqual(80);
    } finally {
      jest.useRealTimers();
    }
  });

  it('ends a call that is not answered in time, and all that is aborted', async () => {
    const hanging = (signal: AbortSignal) => once(signal, 'abort').then(() => Promise.reject(signal.reason));
    const calls = new PacedCalls({ concurrency: 1, timeoutMs: 20, attempts: 1 });
    await expect(calls.call(hanging, never)).rejects.toThrow('did not answer within 20 ms');
    const stopping = new AbortController();
    const call = new PacedCalls({ concurrency: 1 }).call(hanging, stopping.signal);
    stopping.abort(new Error('stopping'));
    await expect(call).rejects.toThrow('stopping');
  });
});

describe('HTTP', () => {
  let server: Server;
  let url: string;
  let answer: { status: number; headers?: Record<string, string>; body?: string };
  beforeEach(async () => {
    server = createServer((_request, response) => {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders?token=geheim`;
  });
  afterEach(() => void server.close());

  const sent = async (given: typeof answer) => {
    answer = given;
    return sendHttp({ url, headers: { authorization: 'Bearer geheim' } }, never);
  };

  it('gives answers back that only the connector understands', async () => {
    expect(await sent({ status: 200, body: '{"error":1}' })).toMatchObject({
      status: 200,
      text: '{"error":1}',
    });
    expect(await sent({ status: 404 })).toMatchObject({ status: 404 });
  });

  it.each([429, 500, 502, 503, 504, 408])('says that %d may pass, and when', async (status) => {
    const error = await sent({ status, headers: { 'retry-after': '7' } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RetriableError);
    expect(error).toMatchObject({ retryAfterMs: 7_000, message: expect.stringContaining(String(status)) });
  });

  it.each([401, 403, 302])('says that %d needs a person, and keeps secrets to itself', async (status) => {
    const error = (await sent({ status, body: 'geheim' }).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toBeInstanceOf(FatalError);
    expect(`${error.message} ${error.stack}`).not.toContain('geheim');
  });

  it('says that nobody is there', async () => {
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await expect(sendHttp({ url: `http://127.0.0.1:${port}/` }, never)).rejects.toThrow(/ECONNREFUSED/);
  });
});
