import { jest } from '@jest/globals';
import { trytonCases } from '../../connectors/tryton/cases.ts';
import { People } from '../../connectors/tryton/client-of-people.ts';
import { describeReal, startSystem } from '../real-system.ts';

jest.setTimeout(180_000);
const [DATABASE, USER, PASSWORD] = ['crm', 'admin', 'admin-pw-1'] as const;

describeReal('tryton', () => {
  trytonCases(async () => {
    const { url, stop } = await startSystem('tryton');
    const people = new People(url, DATABASE, USER, PASSWORD);
    return {
      url,
      database: DATABASE,
      user: USER,
      password: PASSWORD,
      people,
      complaintType: await complaintType(people),
      timeoutSeconds: 6,
      stop,
    };
  });
});

/** Before there can be a complaint: "a company, a currency and a sale.complaint.type". */
async function complaintType(people: People): Promise<number> {
  const one = async (model: string, values: () => Promise<Record<string, unknown>>) =>
    (await people.ids(model))[0] ?? people.create(model, await values());
  const currency = await one('currency.currency', async () => ({ name: 'CNY', code: 'CNY', symbol: '¥' }));
  const company = await one('company.company', async () => ({
    party: await people.create('party.party', { name: 'Shop' }),
    currency,
  }));
  const [admin] = await people.ids('res.user', [['login', '=', USER]]);
  await people.write('res.user', admin!, { companies: [['add', [company]]], company });
  people.company = company;
  return one('sale.complaint.type', async () => {
    const [origin] = await people.ids('ir.model', [['model', '=', 'sale.sale']]);
    return { name: 'Damaged', origin };
  });
}
