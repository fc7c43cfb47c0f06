import type { ConformanceKit, TestBed } from '../../../connectors/spi/conformance/index.ts';
import { trytonConnector } from '../../../connectors/tryton/connector.ts';
import { startFaultProxy } from '../../support/connectors/fault-proxy.ts';
import { DATABASE, PASSWORD, USER, startContractServer } from './contract-server.ts';

const kit: ConformanceKit = { connector: trytonConnector, start };
export default kit;

async function start(): Promise<TestBed> {
  const server = await startContractServer();
  const proxy = await startFaultProxy(server.url);
  const { data } = server;
  const mechanisms = [['create', [{ type: 'mobile', value: '+86 138 0013 8000' }]]];
  const create = () => String(data.create('party.party', { name: '王小明', contact_mechanisms: mechanisms }));
  return {
    config: { url: proxy.url, database: DATABASE, user: USER, password: PASSWORD },
    secrets: [PASSWORD],
    async put(given) {
      if (typeof given === 'number') return { stream: 'parties', ids: Array.from({ length: given }, create) };
      data.write('party.party', given.map(Number), { name: `changed ${Math.random()}` });
      return { stream: 'parties', ids: [...given] };
    },
    fail: (fault, after) => proxy.fail(fault, after),
    heal: () => proxy.heal(),
    async stop() {
      proxy.stop();
      server.stop();
    },
  };
}
