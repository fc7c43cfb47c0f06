import { appendFile, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import iconv from 'iconv-lite';
import { tempFolder } from '../../support/connectors/temp-folder.ts';
import { readFilePages } from './read-file-pages.ts';
import {
  type CellInput,
  columnName,
  rowXml,
  workbookParts,
  writeWorkbook,
  writeZip,
} from '../../support/connectors/workbook.ts';

let folder: string;
beforeEach(async () => {
  folder = await tempFolder();
});

const ROWS: CellInput[][] = [
  ['商品编码', '商品名称'],
  ['A1', '卫衣'],
];
const GOOD = ROWS.map((row, index) => rowXml(index + 1, row)).join('');
const CSV = '商品编码,商品名称\nA1,卫衣\n';

async function read(name: string, mapping: { id: string; groupRows?: boolean } = { id: '商品编码' }) {
  const { records, rejects } = await readFilePages(path.join(folder, name), mapping);
  return {
    ids: records.map(({ id }) => id),
    reasons: rejects.map(({ origin, reason }) => `${origin} ${reason}`),
  };
}
const readSheet = async (sheetData: string, more: Parameters<typeof writeWorkbook>[1] = {}) => {
  await writeWorkbook(path.join(folder, 'skus.xlsx'), { sheetData, ...more });
  return read('skus.xlsx');
};
const refused = (reason: RegExp) => ({ ids: [], reasons: [expect.stringMatching(reason)] });
const good = { ids: ['A1'], reasons: [] };

describe('workbooks that are small on the disk', () => {
  it('cost nothing for a blank cell in the last row, or a cell in the last column', async () => {
    const stray = `<row r="1048576"><c r="A1048576" t="inlineStr"><is><t> </t></is></c></row>`;
    expect(await readSheet(GOOD + stray)).toEqual(good);
    expect(await readSheet(`${GOOD}<row r="3"><c r="XFD3"><v>1</v></c></row>`)).toEqual(good);
  });

  it('may have a million formatted rows without content, and no more', async () => {
    const rows = (count: number) => '<row ht="20"><c/></row>'.repeat(count);
    expect(await readSheet(GOOD + rows(1_048_574))).toEqual(good);
    expect(await readSheet(GOOD + rows(1_048_575))).toEqual(
      refused(/^skus\.xlsx has more than 1048576 rows, empty ones included; .* save the sheet as CSV/),
    );
  });

  it('are refused before unpacking when a part says that it is too large', async () => {
    const file = path.join(folder, 'skus.xlsx');
    await writeWorkbook(file, { rows: ROWS });
    await declareSize(file, 'xl/worksheets/sheet1.xml', 3_000_000_000);
    expect(await read('skus.xlsx')).toEqual(
      refused(/ has 3000 MB in xl\/worksheets\/sheet1\.xml when unpacked; at most 400 MB/),
    );
  });

  it('are refused while unpacking when a part is larger than it says', async () => {
    const file = path.join(folder, 'skus.xlsx');
    await writeWorkbook(file, { sheetData: GOOD + ' '.repeat(1_000_000) });
    await declareSize(file, 'xl/worksheets/sheet1.xml', 200);
    expect(await read('skus.xlsx')).toEqual(refused(/cut off or damaged \(too many bytes/));
  });

  it.each<[string, string, RegExp]>([
    ['deep nesting', '<a>'.repeat(1000), /has elements more than 100 deep/],
    [
      'a text without an end',
      `<row><c t="inlineStr"><is><t>${'x'.repeat(600_000)}</t></is></c></row>`,
      /more than 500000 characters between two tags/,
    ],
    [
      'a tag without an end',
      `<row ${'a="b" '.repeat(200_000)}></row>`,
      /more than 500000 characters between two tags/,
    ],
    [
      'a cell that is too long',
      rowXml(1, ['x'.repeat(40_000)]),
      /has a cell of 40000 characters; at most 32767/,
    ],
    [
      'a header of too many columns',
      rowXml(
        1,
        Array.from({ length: 1_001 }, (_, column) => `c${column}`),
      ),
      /has more than 1000 columns/,
    ],
    ['a broken document', '<row><c></row>', /xl\/worksheets\/sheet1\.xml is not well-formed/],
  ])('are refused by name of the ceiling: %s', async (_what, sheetData, reason) => {
    expect(await readSheet(sheetData)).toEqual(refused(reason));
  });

  it('are refused with entities of their own', async () => {
    const bomb =
      '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>';
    expect(await readSheet(GOOD, { parts: { 'xl/sharedStrings.xml': bomb } })).toEqual(
      refused(/has a document type in xl\/sharedStrings\.xml/),
    );
  });

  it('are refused with too many cells, merged areas, or files', async () => {
    expect(await readSheet(`<row>${'<c/>'.repeat(20_000_001)}</row>`)).toEqual(
      refused(/has more than 20000000 cells/),
    );
    expect(
      await readSheet(GOOD, { merged: Array.from({ length: 6_000 }, () => `A1:${columnName(999)}9`) }),
    ).toEqual(refused(/has more than 500000 merged areas/));
    const files = Array.from({ length: 10_001 }, (_, index) => [`xl/media/${index}.png`, '']);
    await writeZip(path.join(folder, 'skus.xlsx'), {
      ...workbookParts({ rows: ROWS }),
      ...(Object.fromEntries(files) as Record<string, string>),
    });
    expect(await read('skus.xlsx')).toEqual(refused(/has 10008 files in its zip archive/));
  });

  it('are refused with more different texts than the memory is to hold', async () => {
    const strings = Array.from({ length: 2_200 }, () => `<t>${'卫'.repeat(10_000)}</t>`);
    expect(await readSheet(GOOD, { strings })).toEqual(refused(/has more than 64 MB of different texts/));
  });

  it('give nothing of a file that passes a ceiling further down', async () => {
    const file = path.join(folder, 'skus.xlsx');
    await writeWorkbook(file, { sheetData: GOOD + '<row/>'.repeat(1_048_576) });
    expect((await read('skus.xlsx')).ids).toEqual([]);
  });
});

describe('files that are not what their name says', () => {
  it('are read by what they are: CSV named .xlsx, a workbook named .csv', async () => {
    await writeFile(path.join(folder, 'skus.xlsx'), CSV);
    expect(await read('skus.xlsx')).toEqual(good);
    await writeFile(path.join(folder, 'skus.xlsx'), iconv.encode(CSV, 'gb18030'));
    expect(await read('skus.xlsx')).toEqual(good);
    await writeWorkbook(path.join(folder, 'skus.csv'), { rows: ROWS });
    expect(await read('skus.csv')).toEqual(good);
  });

  it('may be UTF-16 in either order', async () => {
    for (const encoding of ['utf16le', 'utf16be']) {
      await writeFile(path.join(folder, 'skus.csv'), iconv.encode(CSV, encoding, { addBOM: true }));
      expect(await read('skus.csv')).toEqual(good);
    }
  });

  it.each<[string, string, Buffer | string, RegExp]>([
    [
      'an old workbook',
      'skus.xlsx',
      Buffer.from('d0cf11e0a1b11ae10000', 'hex'),
      /^skus\.xlsx is an old \.xls workbook or is protected by a password; save it as \.xlsx without a password$/,
    ],
    [
      'an old workbook named .csv',
      'skus.csv',
      Buffer.from('d0cf11e0a1b11ae10000', 'hex'),
      /is an old \.xls workbook/,
    ],
    [
      'a web page',
      'skus.xlsx',
      '\uFEFF\n<html><table><tr><td>商品编码</td></tr></table></html>',
      /is a web page \(HTML\)/,
    ],
    ['a web page named .csv', 'skus.csv', '<!DOCTYPE html>\n<html></html>', /is a web page \(HTML\)/],
    [
      'XML of Excel 2003',
      'skus.xlsx',
      '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
      /is an XML spreadsheet of Excel 2003/,
    ],
    ['a PDF document', 'skus.csv', '%PDF-1.7\n', /is a PDF document/],
    ['nothing', 'skus.xlsx', '', /it is empty/],
  ])('are refused with a word of what they are: %s', async (_what, name, content, reason) => {
    await writeFile(path.join(folder, name), content);
    expect(await read(name)).toEqual(refused(reason));
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['binary workbooks', { 'xl/workbook.bin': '' }, /is a binary workbook \(\.xlsb\); save it as \.xlsx/],
    ['OpenDocument', { mimetype: '', 'content.xml': '' }, /is an OpenDocument file; save it as \.xlsx/],
    [
      'any other archive',
      { 'a.txt': 'a' },
      /is a zip archive without _rels\/\.rels, so it is no Excel workbook/,
    ],
  ])('are refused as archives of another kind: %s', async (_what, parts, reason) => {
    await writeZip(path.join(folder, 'skus.xlsx'), parts);
    expect(await read('skus.xlsx')).toEqual(refused(reason));
  });
});

describe('text without measure', () => {
  it('in one line costs no more than a long line', async () => {
    const file = path.join(folder, 'skus.csv');
    await writeFile(file, `${CSV}A2,`);
    for (let piece = 0; piece < 20; piece += 1) await appendFile(file, '杯'.repeat(1_000_000));
    await appendFile(file, '\nA3,茶\n');
    expect(await read('skus.csv')).toEqual({
      ids: ['A1', 'A3'],
      reasons: ['skus.csv row 3 is longer than 1000000 characters'],
    });
  });

  it.each<[string, Buffer | string, RegExp]>([
    [
      'one line',
      'x'.repeat(2_000_000),
      /^skus\.csv has a first row of more than 1000000 characters, .*line breaks$/,
    ],
    ['NULs', Buffer.alloc(3_000_000), /^skus\.csv has a first row /],
    ['a few NULs', Buffer.alloc(300), /^skus\.csv has a first row that is no text/],
  ])('and without rows is said to be none: %s', async (_what, content, reason) => {
    await writeFile(path.join(folder, 'skus.csv'), content);
    expect(await read('skus.csv')).toEqual(refused(reason));
  });

  it('behind an open quote breaks its row only', async () => {
    const long = `${'y'.repeat(900_000)}\n`;
    await writeFile(path.join(folder, 'skus.csv'), `${CSV}"A2,x\n${long.repeat(60)}A3,茶\n`);
    const { ids, reasons } = await read('skus.csv');
    expect(ids).toEqual(['A1', 'A3']);
    expect(reasons.length).toBe(61);
  });

  it('in JSON, nested without end, breaks its line only', async () => {
    const deep = `{"a":${'['.repeat(400_000)}${']'.repeat(400_000)}}`;
    await writeFile(path.join(folder, 'tickets.jsonl'), `${deep}\n{"id":"T1","text":"${'['.repeat(200)}"}\n`);
    expect(await read('tickets.jsonl', { id: 'id' })).toEqual({
      ids: ['T1'],
      reasons: ['tickets.jsonl line 1 is nested deeper than 100 levels'],
    });
  });

  it('is refused where the rows of one record hold too much of it, or wait for each other', async () => {
    const cell = 'x'.repeat(1_000);
    const rows = (id: (row: number) => string, count: number) =>
      Array.from({ length: count }, (_, row) => `${id(row)},${cell}\n`).join('');
    await writeFile(path.join(folder, 'a.csv'), `id,text\nS1,a\n${rows(() => 'S2', 2_500)}S3,a\n`);
    const one = await read('a.csv', { id: 'id', groupRows: true });
    expect(one.ids).toEqual(['S1', 'S3']);
    expect(one.reasons).toEqual([expect.stringMatching(/ has 2500 rows with more than 2000000 characters/)]);
    await writeFile(path.join(folder, 'b.csv'), `id,text\n${rows((row) => `S${row % 8_000}`, 16_000)}`);
    expect(await read('b.csv', { id: 'id', groupRows: true })).toEqual(
      refused(/has rows of one record too far from each other; sort it by id/),
    );
  });

  it('gives no more dead letters than a person reads', async () => {
    await writeFile(path.join(folder, 'skus.csv'), `商品编码,商品名称\n${'short\n'.repeat(7_000)}A1,卫衣\n`);
    const { ids, reasons } = await read('skus.csv');
    expect(ids).toEqual(['A1']);
    expect(reasons.length).toBe(5_001);
    expect(reasons.at(-1)).toBe(
      'skus.csv has 2000 more rows that cannot be read, beside the 5000 that are kept',
    );
  });

  it('comes in pages that the hub unpacks in a moment', async () => {
    const file = path.join(folder, 'skus.csv');
    await writeFile(
      file,
      `商品编码,商品名称\n${Array.from({ length: 40 }, (_, row) => `A${row},${'x'.repeat(100_000)}`).join('\n')}\n`,
    );
    const { filePages } = await import('../../../connectors/files/reader/file-pages.ts');
    const sizes: number[] = [];
    const request = {
      file,
      name: 'skus.csv',
      encoding: 'utf8' as const,
      version: 'v',
      mapping: { id: '商品编码' },
    };
    for await (const page of filePages(request, () => {})) sizes.push(JSON.stringify(page).length);
    expect(sizes.length).toBeGreaterThan(3);
    expect(Math.max(...sizes)).toBeLessThan(1_200_000);
  });
});

/** Writes into the directory of a zip archive that an entry has another size than it has. */
async function declareSize(file: string, entry: string, bytes: number): Promise<void> {
  const content = await readFile(file);
  const name = content.lastIndexOf(entry);
  const handle = await open(file, 'r+');
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes);
  await handle.write(size, 0, 4, name - 46 + 24);
  await handle.close();
}
