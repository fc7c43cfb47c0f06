import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** The value of a cell; a date's UTC parts are shown as the wall clock. */
export type XlsxCell = string | number | Date | null;

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const DAY_MS = 86_400_000;
/** Days from 30 December 1899, where a sheet's days begin, to 1 January 1970. */
const DAYS_TO_1970 = 25_569;

/** Writes a workbook of one sheet, row by row: nothing of it is held in memory. The same rows and time give the same bytes. */
export class XlsxWriter {
  readonly #sheet = new PassThrough();
  readonly #written: Promise<void>;
  #rows = 0;

  /** @param time when the workbook says that it was written */
  constructor(file: string, sheetName: string, time: Date) {
    const zip = new ZipFile();
    const options = { mtime: time, mode: 0o100644, forceDosTimestamp: true };
    for (const [name, text] of Object.entries(fixedParts(sheetName)))
      zip.addBuffer(Buffer.from(HEAD + text), name, options);
    zip.addReadStream(this.#sheet, 'xl/worksheets/sheet1.xml', options);
    zip.end();
    this.#written = finished(zip.outputStream.pipe(createWriteStream(file)));
    this.#sheet.write(`${HEAD}<worksheet xmlns="${MAIN}"><sheetData>`);
  }

  /** Resolves when there is room for the next row. */
  async addRow(cells: readonly XlsxCell[]): Promise<void> {
    this.#rows += 1;
    const xml = cells.map((cell, column) => cellXml(cell, `r="${columnName(column)}${this.#rows}"`));
    if (!this.#sheet.write(`<row r="${this.#rows}">${xml.join('')}</row>`)) await once(this.#sheet, 'drain');
  }

  async close(): Promise<void> {
    this.#sheet.end('</sheetData></worksheet>');
    await this.#written;
  }
}

function cellXml(cell: XlsxCell, r: string): string {
  if (cell === null || cell === '') return '';
  if (typeof cell === 'number') return `<c ${r}><v>${cell}</v></c>`;
  if (cell instanceof Date) return `<c ${r} s="1"><v>${cell.getTime() / DAY_MS + DAYS_TO_1970}</v></c>`;
  return `<c ${r} t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`;
}

/** "A" for 0, "AA" for 26. */
function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (char) => entities[char]!);
}

/** Everything but the sheet. Style 1 is a date. */
function fixedParts(sheetName: string): Record<string, string> {
  return {
    '[Content_Types].xml':
      `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
      `<Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/>` +
      `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/>` +
      `<Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`,
    '_rels/.rels': relationships({ officeDocument: 'xl/workbook.xml' }),
    'xl/workbook.xml': `<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${escaped(sheetName)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationships({ worksheet: 'worksheets/sheet1.xml', styles: 'styles.xml' }),
    'xl/styles.xml':
      `<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy/m/d h:mm:ss"/></numFmts>` +
      '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>' +
      '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
      '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
      '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
      '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
      '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>',
  };
}

function relationships(targets: Record<string, string>): string {
  const each = Object.entries(targets).map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${PACKAGE}/relationships">${each.join('')}</Relationships>`;
}
