import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tempFolder } from '../../support/connectors/temp-folder.ts';
import { readFilePages } from './read-file-pages.ts';
import {
  type CellInput,
  errorCell,
  formula,
  inline,
  richText,
  rowXml,
  serial,
  shared,
  styled,
  type WorkbookInput,
  workbookParts,
  writeWorkbook,
} from '../../support/connectors/workbook.ts';

async function readWorkbook(input: WorkbookInput, grouped = false) {
  const file = path.join(await tempFolder(), 'skus.xlsx');
  await writeWorkbook(file, input);
  return readFilePages(file, grouped ? { id: '小票号', groupRows: true } : { id: '商品编码' });
}

/** The text that a cell is read as. */
async function textOf(cell: CellInput, more: Partial<WorkbookInput> = {}) {
  const { records, rejects } = await readWorkbook({
    rows: [
      ['商品编码', '值'],
      ['A1', cell],
    ],
    ...more,
  });
  expect(rejects).toEqual([]);
  return records[0]?.data['值'];
}

const noon = serial('2026-11-20T12:00:00Z');

describe('cells', () => {
  it.each<[string, CellInput, string]>([
    ['a text', ' 连帽 & "卫衣" ', '连帽 & "卫衣"'],
    ['a number', 299.9, '299.9'],
    ['a number with an error of calculation', 0.1 + 0.2, '0.3'],
    ['a small number', 1e-7, '0.0000001'],
    ['true', true, 'TRUE'],
    ['false', false, 'FALSE'],
    ['an error', errorCell('#DIV/0!'), '#DIV/0!'],
    ['rich text', richText('连', '帽'), '连帽'],
    ['a text with a phonetic guide', inline('<t>卫衣</t><rPh sb="0" eb="1"><t>ウェイ</t></rPh>'), '卫衣'],
    ['escaped characters', inline('<t>a_x000A_b_x005F_</t>'), 'a\nb_'],
    ['character data', inline('<t><![CDATA[a<b]]></t>'), 'a<b'],
    ['the number a formula gave', formula('1+1', 2), '2'],
    ['the text a formula gave', formula('A1', 'x_x0009_y', 'str'), 'x\ty'],
    ['the truth a formula gave', formula('TRUE()', 1, 'b'), 'TRUE'],
    ['the error a formula gave', formula('NA()', '#N/A', 'e'), '#N/A'],
    ['a formula that was never calculated', formula('A1'), ''],
    [
      'a date as ISO 8601',
      (r) => `<c r="${r}" t="d"><v>2026-11-20T10:15:03.000Z</v></c>`,
      '2026-11-20 10:15:03',
    ],
    ['a shared string', shared(1), '二'],
    ['a shared string that does not exist', shared(9), ''],
  ])('are read as a person sees them: %s', async (_what, cell, text) => {
    expect(await textOf(cell, { strings: ['<t>一</t>', '<t>二</t>'] })).toBe(text);
  });

  it.each<[string, number, string]>([
    ['yyyy/m/d h:mm', noon, '2026-11-20 12:00:00'],
    ['yyyy"年"m"月"d"日"', noon, '2026-11-20 12:00:00'],
    ['[$-409]mmm-yy;@', noon, '2026-11-20 12:00:00'],
    ['[DBNum1][$-804]yyyy', noon, '2026-11-20 12:00:00'],
    ['h:mm AM/PM', 10.25 / 24, '10:15:00'],
    ['上午/下午h"时"mm"分"', 10.25 / 24, '10:15:00'],
    ['[h]:mm', 1, '24:00:00'],
    ['[mm]:ss', 1.5, '36:00:00'],
    ['mm:ss.0', 0.5, '12:00:00'],
    ['#,##0.00\\ "days"', 1234.5, '1234.5'],
    ['0.00_);[Red]\\(0.00\\)', 3, '3'],
    ['"d"0', 3, '3'],
    ['0.00E+00', 12, '12'],
    ['General', 12, '12'],
    ['@', 12, '12'],
  ])('of the format %s', async (code, value, text) => {
    expect(await textOf(styled(value, 1), { formats: [code] })).toBe(text);
  });

  it.each([
    [14, '2026-11-20 12:00:00'],
    [22, '2026-11-20 12:00:00'],
    [58, '2026-11-20 12:00:00'],
    [2, '46346.5'],
  ])('of the built-in format %i', async (id, text) => {
    const styles = `<styleSheet><cellXfs><xf/><xf numFmtId="${id}"/></cellXfs></styleSheet>`;
    expect(await textOf(styled(noon, 1), { parts: { 'xl/styles.xml': styles } })).toBe(text);
  });

  it('count days from 1904 where the workbook does', async () => {
    expect(await textOf(styled(noon - 1462, 1), { formats: ['yyyy-mm-dd'], date1904: true })).toBe(
      '2026-11-20 12:00:00',
    );
  });
});

describe('sheets', () => {
  const ROWS: CellInput[][] = [
    ['商品编码', '商品名称'],
    ['A1', '卫衣'],
    ['A2', '杯子'],
  ];

  it('are read whatever prefix their elements have', async () => {
    const parts = Object.entries(workbookParts({ rows: ROWS })).map(([name, xml]) => [
      name,
      xml.replaceAll(/<(\/?)(?=[a-zA-Z])/g, '<$1x:'),
    ]);
    const { records } = await readWorkbook({ parts: Object.fromEntries(parts) as Record<string, string> });
    expect(records.map(({ id }) => id)).toEqual(['A1', 'A2']);
  });

  it('may leave out the numbers of rows and cells, and rows', async () => {
    const cells = (...texts: string[]) => texts.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`);
    const { records } = await readWorkbook({
      sheetData: [
        `<row>${cells('商品编码', '商品名称').join('')}</row>`,
        `<row>${cells('A1', '卫衣').join('')}</row>`,
        `<row r="90">${cells('A2').join('')}<c r="B90" t="inlineStr"><is><t>杯子</t></is></c></row>`,
      ].join(''),
    });
    expect(records.map(({ origin, data }) => [origin, Object.values(data)])).toEqual([
      ['skus.xlsx row 2', ['A1', '卫衣']],
      ['skus.xlsx row 90', ['A2', '杯子']],
    ]);
  });

  it('have a value in each merged cell, also below and beside each other', async () => {
    const { records } = await readWorkbook(
      {
        rows: [
          ['小票号', '行号', '门店'],
          ['S1', 1, '静安'],
          [null, 2, null],
          ['S2', 1, null],
          ['S3', 1, '西湖'],
        ],
        merged: ['A2:A3', 'C2:C4'],
      },
      true,
    );
    expect(records.map(({ id, data, rows }) => [id, data['门店'], rows?.length])).toEqual([
      ['S1', '静安', 2],
      ['S2', '静安', 1],
      ['S3', '西湖', 1],
    ]);
  });

  it('distrust each cell that is merged into a spoilt one', async () => {
    const rows = [
      ['商品编码', '商品名称'],
      [6_920_188_888_000_000_000, '一'],
      [null, '二'],
      ['A3', '三'],
    ];
    const { records, rejects } = await readWorkbook({ rows, merged: ['A2:A3'] });
    expect(records.map(({ id }) => id)).toEqual(['A3']);
    expect(rejects.map(({ origin }) => origin)).toEqual(['skus.xlsx row 2', 'skus.xlsx row 3']);
  });

  it('of one column have a header, too', async () => {
    const rows = [['商品编码'], ...Array.from({ length: 30 }, (_, index) => [`A${index}`])];
    const { records } = await readWorkbook({ rows });
    expect(records.length).toBe(30);
    expect((await readWorkbook({ rows: rows.slice(0, 3) })).records.map(({ id }) => id)).toEqual([
      'A0',
      'A1',
    ]);
  });

  it('are found by the relations of the workbook, in the order of the tabs', async () => {
    const parts = workbookParts({ rows: [] });
    const { records } = await readWorkbook({
      rows: [['not read']],
      parts: {
        'xl/workbook.xml': parts['xl/workbook.xml']!.replace(/(<sheet [^>]*>)(<sheet [^>]*>)/, '$2$1'),
        'xl/worksheets/sheet2.xml': `<worksheet><sheetData>${ROWS.map((row, at) => rowXml(at + 1, row)).join('')}</sheetData></worksheet>`,
      },
    });
    expect(records.map(({ id }) => id)).toEqual(['A1', 'A2']);
  });

  it('may be written in UTF-16', async () => {
    const sheet = `<worksheet><sheetData>${ROWS.map((row, at) => rowXml(at + 1, row)).join('')}</sheetData></worksheet>`;
    const { records } = await readWorkbook({
      parts: { 'xl/worksheets/sheet1.xml': Buffer.from(`\uFEFF${sheet}`, 'utf16le') },
    });
    expect(records.map(({ data }) => data['商品名称'])).toEqual(['卫衣', '杯子']);
  });
});
