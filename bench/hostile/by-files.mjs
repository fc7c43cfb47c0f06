import { createWriteStream, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { untilOver } from './client.mjs';

const CONTENT_TYPES =
  '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>';
const RELS =
  '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>';
const WORKBOOK =
  '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>';
const BOOK_RELS =
  '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>';
const SHEET =
  '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>';
const END = '</sheetData></worksheet>';
const HEADER = '订单号,下单时间,客户姓名,联系电话,下单帐号,订单金额,订单状态\n';

/** Files that come into the import folder; each is there under its name at once, as a finished upload is. */
export const byFiles = [
  {
    name: 'a workbook of 2 kB with a cell in the last row and column',
    run: (client) =>
      workbook(client, [
        SHEET,
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        END,
      ]),
  },
  {
    name: 'a workbook of 3 GB, packed into 3 MB',
    run: (client) => workbook(client, [SHEET], '<row><c><v>1</v></c></row>'.repeat(40_000), 3_000),
  },
  {
    name: 'a workbook of 1 M rows of 60 empty cells',
    run: (client) => workbook(client, [SHEET], `<row>${'<c/>'.repeat(60)}</row>`.repeat(2_000), 500, END),
  },
  {
    name: 'a workbook of merged areas over all cells',
    run: (client) =>
      workbook(client, [
        SHEET,
        '<row r="1"><c r="A1"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/><mergeCell ref="A1:XFD1048575"/></mergeCells></worksheet>',
      ]),
  },
  {
    name: 'a workbook whose entities double',
    run: (client) =>
      workbook(client, [
        `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">${Array.from({ length: 12 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`).join('')}]><worksheet><sheetData><row><c t="inlineStr"><is><t>&a12;</t></is></c></row>`,
        END,
      ]),
  },
  {
    name: 'a workbook whose XML never ends a tag',
    run: (client) => workbook(client, [SHEET, '<row><c '], 'a="b" '.repeat(10_000), 2_000),
  },
  {
    name: 'one line of 200 MB',
    run: (client) => text(client, 'orders-jd-line.csv', HEADER, 'x'.repeat(1_000_000), 200),
  },
  {
    name: 'one open quote and 200 MB behind it',
    run: (client) => text(client, 'orders-jd-quote.csv', `${HEADER}"`, 'x,\n'.repeat(300_000), 200),
  },
  {
    name: '3 M lines that are no orders',
    run: (client) => text(client, 'orders-jd-bad.csv', HEADER, ',,,,,,\n'.repeat(30_000), 100),
  },
  {
    name: 'a header of 1 M columns',
    run: (client) => text(client, 'orders-jd-wide.csv', '', 'c,'.repeat(100_000), 10),
  },
  {
    name: '3,000 small files',
    async run(client) {
      for (let n = 0; n < 3_000 && !client.signal.aborted; n++) {
        writeFileSync(
          path.join(client.hub.importFolder, `orders-jd-${n}.csv`),
          `${HEADER}${n},x,x,x,x,x,x\n`,
        );
        if (n % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await untilOver(client);
      for (let n = 0; n < 3_000; n++)
        rmSync(path.join(client.hub.importFolder, `orders-jd-${n}.csv`), { force: true });
    },
  },
];

async function workbook(client, head, repeated = '', times = 0, end = '') {
  const file = path.join(client.hub.importFolder, 'orders-jd-hostile.xlsx');
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(CONTENT_TYPES), '[Content_Types].xml');
  zip.addBuffer(Buffer.from(RELS), '_rels/.rels');
  zip.addBuffer(Buffer.from(WORKBOOK), 'xl/workbook.xml');
  zip.addBuffer(Buffer.from(BOOK_RELS), 'xl/_rels/workbook.xml.rels');
  const { Readable } = await import('node:stream');
  zip.addReadStream(Readable.from(pieces([...head], repeated, times, end)), 'xl/worksheets/sheet1.xml');
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(`${file}.part`)));
  await present(client, file);
}

async function text(client, name, head, repeated, times) {
  const file = path.join(client.hub.importFolder, name);
  const out = createWriteStream(`${file}.part`);
  for (const piece of pieces([head], repeated, times, '')) if (!out.write(piece)) await once(out, 'drain');
  out.end();
  await finished(out);
  await present(client, file);
}

function* pieces(head, repeated, times, end) {
  yield* head;
  for (let n = 0; n < times; n++) yield repeated;
  if (end) yield end;
}

/** Gives it its name, and the neighbour's row its begin: writing it is not the hub's work. */
async function present(client, file) {
  renameSync(`${file}.part`, file);
  client.ready?.();
  await untilOver(client);
  rmSync(file, { force: true });
}
