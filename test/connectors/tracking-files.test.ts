import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { compileMapping, mapRecord } from '../../src/sync/mapping/index.ts';
import { readAll, streamOf } from '../support/connectors/read-all.ts';
import { tempFolder } from '../support/connectors/temp-folder.ts';

const parcel = { trackingNumber: 'SF1', carrier: 'SF-STD' };

test.each([
  [
    'tracking-sf.csv',
    '运单号,承运服务,时间,状态,描述,地点\nSF1,SF-STD,2026-11-24 09:30,派送中,快件正在派送途中,杭州市\nSF1,SF-STD,2026-11-24 12:00,已签收,,\n',
    { text: '快件正在派送途中', place: '杭州市' },
    { text: '已签收' },
  ],
  [
    'tracking.jsonl',
    [
      {
        status: 'out_for_delivery',
        time: '2026-11-24T09:30:00+08:00',
        description: 'Out',
        place: 'Hangzhou',
      },
      { status: 'delivered', time: '2026-11-24T12:00:00+08:00' },
    ]
      .map((row) => JSON.stringify({ tracking_number: 'SF1', carrier_service: 'SF-STD', ...row }))
      .join('\n'),
    { text: 'Out', place: 'Hangzhou' },
    { text: 'delivered' },
  ],
])('%s: an event a row, as shipped', async (name, content, first, second) => {
  const folder = await tempFolder();
  await writeFile(path.join(folder, name), content);
  const stream = await streamOf(folder, 'tracking');
  const { records, rejects } = await readAll(stream);
  expect(rejects).toEqual([]);
  const mapping = compileMapping(stream.mapping, stream.mappingOrigin);
  const mapped = await Promise.all(records.map((record) => mapRecord(mapping, record)));
  expect(mapped).toMatchObject([
    {
      ok: true,
      entity: 'tracking',
      record: { ...parcel, status: 'OUT_FOR_DELIVERY', at: '2026-11-24T01:30:00.000Z', ...first },
    },
    {
      ok: true,
      entity: 'tracking',
      record: { ...parcel, status: 'DELIVERED', at: '2026-11-24T04:00:00.000Z', ...second },
    },
  ]);
});
