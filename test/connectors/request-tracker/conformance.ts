import { createHmac } from 'node:crypto';
import { requestTrackerConnector } from '../../../connectors/request-tracker/connector.ts';
import type { ConformanceKit, TestBed } from '../../../connectors/spi/conformance/index.ts';
import type { RawPush } from '../../../connectors/spi/index.ts';
import { startFaultProxy } from '../../support/connectors/fault-proxy.ts';
import { SECRET, TOKEN, startContractServer } from './contract-server.ts';

const kit: ConformanceKit = { connector: requestTrackerConnector, start };
export default kit;

async function start(): Promise<TestBed> {
  const server = await startContractServer();
  const proxy = await startFaultProxy(server.url);
  const { data } = server;
  data.addUser({
    Name: 'xm',
    EmailAddress: 'xm@example.test',
    RealName: '王小明',
    MobilePhone: '138 0013 8000',
  });
  return {
    config: { url: proxy.url, token: TOKEN, webhookSecret: SECRET },
    secrets: [TOKEN, SECRET],
    async put(given) {
      if (typeof given !== 'number')
        for (const id of given) data.change(id, { Subject: `changed ${Math.random()}` });
      const create = () => data.create({ Subject: '退货', Requestor: 'xm@example.test' });
      return {
        stream: 'tickets',
        ids: typeof given === 'number' ? Array.from({ length: given }, create) : [...given],
      };
    },
    fail: (fault, after) => proxy.fail(fault, after),
    heal: () => proxy.heal(),
    push: ([ticket]) => signedPush(Number(ticket)),
    async stop() {
      proxy.stop();
      server.stop();
    },
  };
}

function signedPush(ticket: number): RawPush {
  const body = Buffer.from(JSON.stringify({ ticket, transaction: 71, type: 'Set' }));
  const headers = { 'x-hub-signature': createHmac('sha256', SECRET).update(body).digest('hex') };
  return { method: 'POST', headers, query: {}, body, receivedAt: new Date() };
}
