import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect as connectNats } from '@nats-io/transport-node';
import { parseNatsAddress } from '../../../src/platform/process/nats-address.ts';
import { natsTransport } from '../../../src/platform/bus/nats-transport.ts';
import { postgresTransport } from '../../../src/platform/bus/postgres-transport.ts';
import { startSignalBus } from '../../../src/platform/bus/signal-bus.ts';
import type { BusTransport } from '../../../src/platform/bus/transport.ts';
import type { ChangeBus } from '../../../src/platform/bus/change-bus.ts';
import type { Logger } from '../../../src/platform/process/log.ts';
import { createTestDatabase } from '../../support/database.ts';
import { gateTo, type DatabaseGate } from '../../support/database-gate.ts';
import { describeWithNats, startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';

/** What carries the signals, and how it is brought down. */
interface Carrier {
  /** By a way that can be shut and opened. */
  transport: BusTransport;
  gate: DatabaseGate;
  /** By no such way. */
  direct: BusTransport;
  kill: () => Promise<void>;
  revive: () => Promise<void>;
  /** Ends the connections only. */
  cut: () => Promise<void>;
  /** Sends what no hub would send. */
  say: (payload: string) => Promise<void>;
  /** Connections of buses that the server knows. */
  connections: () => Promise<number>;
  dispose: () => Promise<void>;
}

async function overPostgres(): Promise<Carrier> {
  const database = await createTestDatabase();
  const gate = await gateTo(database.url);
  const sessions = `from pg_stat_activity where datname = current_database() and application_name = 'orderweave bus'`;
  return {
    transport: postgresTransport(gate.url),
    gate,
    direct: postgresTransport(database.url),
    kill: () => gate.shut(),
    revive: () => gate.open(),
    cut: async () => void (await database.query(`select pg_terminate_backend(pid) ${sessions}`)),
    say: async (payload) =>
      void (await database.query('select pg_notify($1, $2)', ['orderweave_changes', payload])),
    connections: async () => (await database.query(`select ${sessions}`)).length,
    async dispose() {
      await gate.shut().catch(() => undefined); // the test may have left it shut
      await database.drop();
    },
  };
}

async function overNats(): Promise<Carrier> {
  const server = await startNatsServer();
  const gate = await gateTo(server.url);
  const client = () => connectNats({ servers: server.url });
  return {
    transport: natsTransport(parseNatsAddress(gate.url)!),
    gate,
    direct: natsTransport(parseNatsAddress(server.url)!),
    kill: () => server.kill(),
    revive: () => server.start(),
    async cut() {
      await gate.shut();
      await gate.open();
    },
    async say(payload) {
      const nats = await client();
      nats.publish('orderweave.changes', payload);
      await nats.drain();
    },
    connections: async () => gate.connections(),
    async dispose() {
      await gate.shut();
      await server.kill();
    },
  };
}

const FAILED_ATTEMPT = /cannot connect/;

function busContract(start: () => Promise<Carrier>): void {
  let carrier: Carrier;
  let said: string[];
  const buses: ChangeBus[] = [];
  const keep = (_details: object | string, message?: string) => void said.push(message ?? String(_details));
  const times = (message: RegExp) => said.filter((line) => message.test(line)).length;

  beforeEach(async () => {
    carrier = await start();
    said = [];
  });
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.close();
    await carrier.dispose();
  });

  /** A bus, and what it tells of a topic. */
  async function listening(topic = 'tea', transport = carrier.transport) {
    const bus = await startSignalBus(transport, { warn: keep, debug: keep } as unknown as Logger);
    buses.push(bus);
    const heard: string[] = [];
    bus.subscribe(
      topic,
      (keys) => heard.push(...keys),
      () => heard.push('gap'),
    );
    return { bus, heard };
  }

  test('a signal is heard once by every process, here at once, and by its topic only', async () => {
    const [here, there, coffee] = [await listening(), await listening(), await listening('coffee')];
    here.bus.publish('tea', ['green']);
    expect(here.heard).toEqual(['green']);
    await until(() => there.heard.length > 0);
    there.bus.publish('tea', ['black']);
    there.bus.publish('coffee', ['end']);
    await until(() => coffee.heard.length > 0 && here.heard.length > 1);
    expect([here.heard, there.heard, coffee.heard]).toEqual([
      ['green', 'black'],
      ['green', 'black'],
      ['end'],
    ]);
  });

  test('after an outage all know that they may have missed some, and hear as before', async () => {
    const [here, there] = [await listening(), await listening()];
    await carrier.kill();
    here.bus.publish('tea', ['lost']);
    await until(() => times(FAILED_ATTEMPT) > 2);
    await carrier.revive();
    await until(() => here.heard.includes('gap') && there.heard.includes('gap'));
    there.bus.publish('tea', ['black']);
    await until(() => here.heard.includes('black'));
    expect(here.heard).toEqual(['lost', 'gap', 'black']);
  });

  test('what a process publishes while it alone is cut off reaches the others, whom nothing tells of a gap', async () => {
    const here = await listening();
    const there = await listening('tea', carrier.direct);
    await carrier.gate.shut();
    here.bus.publish('tea', ['green']);
    await until(() => times(FAILED_ATTEMPT) > 0);
    await carrier.gate.open();
    await until(() => there.heard.length > 0);
    expect(there.heard).toEqual(['green']);
  });

  test('connections that are cut are made again, once each', async () => {
    const [here, there] = [await listening(), await listening()];
    await carrier.cut();
    await until(() => here.heard.includes('gap') && there.heard.includes('gap'));
    await until(async () => (await carrier.connections()) === 2);
    here.bus.publish('tea', ['green']);
    await until(() => there.heard.includes('green'));
    for (const { bus } of [here, there]) await bus.close();
    await until(async () => (await carrier.connections()) === 0);
  });

  test('a process that starts while it is down works, and hears once it is there', async () => {
    const there = await listening();
    await carrier.kill();
    const here = await listening();
    here.bus.publish('tea', ['green']);
    expect(here.heard).toEqual(['green']);
    await carrier.revive();
    await until(() => here.heard.includes('gap') && there.heard.includes('gap'));
  });

  test('closed in an outage, it does not come back', async () => {
    const { bus } = await listening();
    await carrier.kill();
    await until(() => times(FAILED_ATTEMPT) > 0);
    await bus.close();
    const attempts = times(FAILED_ATTEMPT);
    await carrier.revive();
    await listening(); // later than an attempt that was under way
    expect(times(FAILED_ATTEMPT)).toBe(attempts);
    expect(await carrier.connections()).toBe(1);
  });

  test('in an outage it tries again at its own pace', async () => {
    await listening();
    await carrier.kill();
    const end = performance.now() + 1_000;
    await until(() => performance.now() > end);
    // One attempt at a time, 100 ms or more after the one before.
    expect(times(FAILED_ATTEMPT)).toBeGreaterThan(0);
    expect(times(FAILED_ATTEMPT)).toBeLessThan(10);
    await carrier.revive();
  });

  test('a payload that no hub has sent is a gap', async () => {
    const { heard } = await listening();
    const other = await listening();
    const foreign = [
      'hello',
      '',
      'null',
      '7',
      '{"topic":"tea"}',
      '{"origin":"x","topic":"tea","keys":["green",7]}',
    ];
    for (const payload of foreign) await carrier.say(payload);
    await until(() => heard.length === foreign.length);
    other.bus.publish('tea', ['green']);
    await until(() => heard.includes('green'));
    expect(heard).toEqual([...foreign.map(() => 'gap'), 'green']);
  });

  test('100,000 changes in batches overflow nothing', async () => {
    const [here, there] = [await listening(), await listening()];
    const keys = Array.from({ length: 5_000 }, (_, index) => `SKU-${index} MAIN`);
    for (let change = 0; change < 100_000; change += 250) {
      here.bus.publish('tea', keys.slice(change % keys.length, (change % keys.length) + 250));
      await new Promise(setImmediate); // as commits come: one after the other
    }
    here.bus.publish('tea', ['end']);
    await until(() => there.heard.at(-1) === 'end');
    expect(new Set(there.heard)).toEqual(new Set([...keys, 'end']));
    expect(said).toEqual([]);
  });

  test('more than is worth naming is told as a gap', async () => {
    const [here, there] = [await listening(), await listening()];
    here.bus.publish(
      'tea',
      Array.from({ length: 10_001 }, (_, index) => `SKU-${index}`),
    );
    await until(() => there.heard.length > 0);
    expect(there.heard).toEqual(['gap']);
  });
}

describe('the change bus over PostgreSQL', () => busContract(overPostgres));
describeWithNats('the change bus over NATS', () => {
  busContract(overNats);

  test('signs in as HUB_BUS_URL says, and hubs of another name are apart', async () => {
    const server = await startNatsServer(['--user', 'hub', '--pass', 'p@ss']);
    const buses: ChangeBus[] = [];
    try {
      const heard: Record<string, string[]> = {};
      const complaints: unknown[] = [];
      const log = { warn: (what: unknown) => complaints.push(what), debug: () => undefined };
      const start = async (name: string, credentials: string) => {
        const url = server.url.replace('//', `//${credentials}`) + name;
        const bus = await startSignalBus(natsTransport(parseNatsAddress(url)!), log as unknown as Logger);
        buses.push(bus);
        return bus;
      };
      for (const name of ['/a', '/a', '/b']) {
        const bus = await start(name, 'hub:p%40ss@');
        const own = (heard[`${buses.length} ${name}`] = []) as string[];
        bus.subscribe(
          'tea',
          (keys) => own.push(...keys),
          () => undefined,
        );
      }
      buses[2]!.publish('tea', ['b']);
      buses[0]!.publish('tea', ['a']);
      await until(() => heard['2 /a']!.length > 0);
      expect(heard).toEqual({ '1 /a': ['a'], '2 /a': ['a'], '3 /b': ['b'] });
      expect(complaints).toEqual([]);
      await start('/a', 'hub:wrong@');
      expect(JSON.stringify(complaints)).toMatch(/AuthorizationError|Authorization Violation/i);
    } finally {
      for (const bus of buses) await bus.close();
      await server.kill();
    }
  });
});
