import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import iconv from 'iconv-lite';
import {
  errorCell,
  formula,
  richText,
  serial,
  styled,
  type WorkbookInput,
  writeWorkbook,
} from '../support/connectors/workbook.ts';
import { readAll, streamOf } from '../support/connectors/read-all.ts';
import { tempFolder } from '../support/connectors/temp-folder.ts';

/** Writes a file of the given stream into a folder of its own, reads it and gives rows and rejects. */
async function read(
  stream: string,
  extension: string,
  content: Buffer | string | ((file: string) => Promise<void>),
) {
  const own = await tempFolder();
  const file = path.join(own, `${stream}.${extension}`);
  if (typeof content === 'function') await content(file);
  else await writeFile(file, content);
  const { records, rejects } = await readAll(await streamOf(own, stream));
  return { records, rejects, rows: records.map((record) => record.data) };
}

const CSV = '商品编码,商品名称\r\nA1,连帽卫衣 黑\r\nA2,保温杯\r\n';
const ROWS = [
  { 商品编码: 'A1', 商品名称: '连帽卫衣 黑' },
  { 商品编码: 'A2', 商品名称: '保温杯' },
];

describe('CSV', () => {
  it.each([
    ['UTF-8', Buffer.from(CSV)],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${CSV}`)],
    ['GB18030', iconv.encode(CSV, 'gb18030')],
    [
      'UTF-16 as Excel saves Unicode text',
      iconv.encode(CSV.replaceAll(',', '\t'), 'utf16le', { addBOM: true }),
    ],
    ['separated by semicolons', Buffer.from(CSV.replaceAll(',', ';'))],
    ['without a last line end', Buffer.from(CSV.trimEnd())],
    ['with Unix line ends', Buffer.from(CSV.replaceAll('\r', ''))],
  ])('is read: %s', async (_, bytes) => {
    const { rows, rejects } = await read('skus', 'csv', bytes);
    expect({ rows, rejects }).toEqual({ rows: ROWS, rejects: [] });
  });

  it('finds GB18030 although the header is plain ASCII', async () => {
    const { rows } = await read(
      'skus',
      'csv',
      iconv.encode('code,title\nA1,连帽卫衣\nA2,龙井茶\n', 'gb18030'),
    );
    expect(rows[1]).toEqual({ code: 'A2', title: '龙井茶' });
  });

  it('rejects the row with bad bytes and keeps the others', async () => {
    const bad = Buffer.concat([
      Buffer.from(CSV),
      Buffer.from('A3,'),
      Buffer.from([0xff, 0xfe, 0x80]),
      Buffer.from('\nA4,茶\n'),
    ]);
    const { rows, rejects } = await read('skus', 'csv', bad);
    expect(rows.map((row) => row['商品编码'])).toEqual(['A1', 'A2', 'A4']);
    expect(rejects).toMatchObject([
      { origin: 'skus.csv row 4', reason: 'has bytes that are not text in the encoding of the file' },
    ]);
  });

  it('reads quoted cells with separators, quotes and line breaks, and counts rows as Excel does', async () => {
    const { records } = await read(
      'skus',
      'csv',
      '商品编码,商品名称\nA1,"一,二 ""三""\n四"\nA2,5" 屏\n\nA3,末\n',
    );
    expect(records.map((record) => [record.origin, record.data['商品名称']])).toEqual([
      ['skus.csv row 2', '一,二 "三"\n四'],
      ['skus.csv row 3', '5" 屏'],
      ['skus.csv row 5', '末'],
    ]);
  });

  it('breaks one row, not the file, when a quote is never closed', async () => {
    const lines = Array.from({ length: 250 }, (_, index) => `B${index},货${index}`);
    const { rows, rejects } = await read(
      'skus',
      'csv',
      ['商品编码,商品名称', 'A1,"开了不关', ...lines].join('\n'),
    );
    expect(rows.length).toBe(250);
    expect(rejects).toMatchObject([{ origin: 'skus.csv row 2', raw: 'A1,"开了不关' }]);
    const twice = await read('skus', 'csv', '商品编码,商品名称\nA1,"一\nA2,二\nA3,"三\nA4,四\n');
    expect(twice.rows.map((row) => row['商品编码'])).toEqual(['A2', 'A4']);
    expect(twice.rejects.map((reject) => reject.origin)).toEqual(['skus.csv row 2', 'skus.csv row 4']);
  });

  it('rejects rows with a wrong number of columns, but not trailing separators', async () => {
    const { rows, rejects } = await read(
      'skus',
      'csv',
      '商品编码,商品名称\nA1\nA2,杯,\nA3,杯,多余\n,\nA4,杯\n',
    );
    expect(rows.map((row) => row['商品编码'])).toEqual(['A2', 'A4']);
    expect(rejects.map(({ origin, reason }) => `${origin} ${reason}`)).toEqual([
      'skus.csv row 2 has 1 columns, the header has 2',
      'skus.csv row 4 has 3 columns, the header has 2',
    ]);
  });

  it('undoes the tricks that keep Excel from changing long numbers', async () => {
    const { rows } = await read(
      'skus',
      'csv',
      '商品编码,商品名称\n\t6920188888000000011,a\n="6920188888000000012",b\n\'6920188888000000013,c\n',
    );
    expect(rows.map((row) => row['商品编码'])).toEqual([
      '6920188888000000011',
      '6920188888000000012',
      '6920188888000000013',
    ]);
  });

  it('gives nothing for an empty file and for a header alone', async () => {
    expect(await read('skus', 'csv', '')).toMatchObject({ records: [], rejects: [] });
    expect(await read('skus', 'csv', '商品编码,商品名称\n')).toMatchObject({ records: [], rejects: [] });
  });
});

describe('rows grouped to records', () => {
  const HEADER = '小票号,行号,数量';

  it('finds the rows of an order wherever they stand', async () => {
    const { records } = await read('orders-store', 'csv', `${HEADER}\nS1,1,1\nS2,1,1\nS1,2,3\n`);
    expect(records.map(({ id, origin }) => [id, origin])).toEqual([
      ['S2', 'orders-store.csv row 3'],
      ['S1', 'orders-store.csv rows 2, 4'],
    ]);
    expect(records[1]?.rows).toEqual([
      { origin: 'orders-store.csv row 2', data: { 小票号: 'S1', 行号: '1', 数量: '1' } },
      { origin: 'orders-store.csv row 4', data: { 小票号: 'S1', 行号: '2', 数量: '3' } },
    ]);
  });

  it('holds an order back when one of its rows cannot be read, rather than losing a line of it', async () => {
    const { records, rejects } = await read('orders-store', 'csv', `${HEADER}\nS1,1,1\nS1,2\nS2,1,1\n`);
    expect(records.map(({ id }) => id)).toEqual(['S2']);
    expect(rejects.map(({ origin, reason }) => `${origin} ${reason}`).sort()).toEqual([
      'orders-store.csv row 2 belongs together with row 3, which cannot be read',
      'orders-store.csv row 3 has 2 columns, the header has 3',
    ]);
  });

  it('never joins rows that have no order number', async () => {
    const { records } = await read('orders-store', 'csv', `${HEADER}\n,1,1\n,1,2\n`);
    expect(records.map(({ id }) => id)).toEqual(['orders-store.csv row 2', 'orders-store.csv row 3']);
  });
});

describe('JSON lines', () => {
  it('reads objects, keeps long integers, rejects what is not an object', async () => {
    const { records, rejects } = await read(
      'tickets',
      'jsonl',
      '\uFEFF{"ticket_id":1,"order_no":6920188888000000011}\n\n{"ticket_id":2,"tit\n[1]\n{"ticket_id":3}',
    );
    expect(records.map(({ id, origin, data }) => [id, origin, data['order_no']])).toEqual([
      ['1', 'tickets.jsonl line 1', '6920188888000000011'],
      ['3', 'tickets.jsonl line 5', undefined],
    ]);
    expect(rejects.map(({ origin }) => origin)).toEqual(['tickets.jsonl line 3', 'tickets.jsonl line 4']);
    expect(rejects[0]).toMatchObject({
      reason: expect.stringMatching(/^is not JSON: /),
      raw: '{"ticket_id":2,"tit',
    });
  });
});

describe('Excel', () => {
  it('reads formulas, rich text, links, dates and numbers as a person sees them', async () => {
    const { rows } = await readSheet({
      rows: [
        ['小票号', '公式', '富文本', '链接', '时间', '数字', '小数', '是否', '错误', '未算'],
        [
          '6920188888000000011',
          formula('1+1', 2),
          richText('连帽', '卫衣'),
          formula('HYPERLINK("mailto:shop@example.com")', 'shop@example.com', 'str'),
          styled(serial('2026-11-03T14:05:00Z'), 1),
          288_000_000_011,
          formula('0.1+0.2', 0.1 + 0.2),
          true,
          errorCell('#N/A'),
          formula('A1'),
        ],
      ],
      formats: ['yyyy/m/d h:mm'],
    });
    expect(Object.values(rows[0] ?? {})).toEqual([
      '6920188888000000011',
      '2',
      '连帽卫衣',
      'shop@example.com',
      '2026-11-03 14:05:00',
      '288000000011',
      '0.3',
      'TRUE',
      '#N/A',
      '',
    ]);
  });

  it('passes over a title and blank rows, and spreads merged cells over the rows they cover', async () => {
    const { records } = await readSheet({
      rows: [['2026年11月订单'], ['小票号', '行号', '数量'], ['S1', 1, 2], [null, 2, 5], [], ['S2', 1, 1]],
      merged: ['A1:C1', 'A3:A4'],
    });
    expect(records.map(({ id, origin, rows }) => [id, origin, rows?.length])).toEqual([
      ['S1', 'orders-store.xlsx rows 3-4', 2],
      ['S2', 'orders-store.xlsx row 6', 1],
    ]);
  });

  it('rejects a number that Excel has cut to 15 digits instead of making two orders one', async () => {
    const { records, rejects } = await readSheet({
      rows: [
        ['小票号', '行号', '数量'],
        [6_920_188_888_000_000_000, 1, 1],
        ['S2', 1, 1],
      ],
    });
    expect(records.map(({ id }) => id)).toEqual(['S2']);
    expect(rejects[0]?.reason).toMatch(/^小票号: the number \d+ has lost its last digits/);
  });

  it('rejects a file that is no workbook', async () => {
    const { records, rejects } = await read('orders-store', 'xlsx', 'this is not a zip file');
    expect(records).toEqual([]);
    expect(rejects).toMatchObject([
      {
        origin: 'orders-store.xlsx',
        reason: expect.stringMatching(/^cannot be opened as an Excel workbook: /),
        raw: '',
      },
    ]);
  });

  it('rejects a workbook that was cut off', async () => {
    const { rejects } = await read('orders-store', 'xlsx', async (file) => {
      await writeWorkbook(file, { rows: [['小票号']] });
      const bytes = await readFile(file);
      await writeFile(file, bytes.subarray(0, Math.floor(bytes.length / 2)));
    });
    expect(rejects).toMatchObject([{ origin: 'orders-store.xlsx' }]);
  });
});

function readSheet(input: WorkbookInput) {
  return read('orders-store', 'xlsx', (file) => writeWorkbook(file, input));
}
