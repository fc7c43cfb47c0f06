import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** What a cell holds: a plain value, or a function that writes the cell element itself. */
export type CellInput = null | string | number | boolean | ((address: string) => string);

export interface WorkbookInput {
  rows?: readonly (readonly CellInput[])[];
  /** Instead of `rows`: what stands in `sheetData`. */
  sheetData?: string;
  /** E.g. `A3:A4`. */
  merged?: readonly string[];
  /** Number format codes; style 1 is the first. */
  formats?: readonly string[];
  /** `<si>` elements without the `si` itself. */
  strings?: readonly string[];
  date1904?: boolean;
  /** Parts added, or put in the place of others. */
  parts?: Readonly<Record<string, string | Buffer>>;
}

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

export const richText = (...runs: string[]) => inline(runs.map((run) => `<r><t>${run}</t></r>`).join(''));
export const inline = (xml: string) => (r: string) => `<c r="${r}" t="inlineStr"><is>${xml}</is></c>`;
export const shared = (index: number) => (r: string) => `<c r="${r}" t="s"><v>${index}</v></c>`;
export const styled = (value: number, style: number) => (r: string) =>
  `<c r="${r}" s="${style}"><v>${value}</v></c>`;
/** @param type `n`, `str`, `b` or `e` */
export const formula =
  (text: string, result?: string | number, type = 'n') =>
  (r: string) =>
    `<c r="${r}" t="${type}"><f>${text}</f>${result === undefined ? '' : `<v>${result}</v>`}</c>`;
export const errorCell = (error: string) => (r: string) => `<c r="${r}" t="e"><v>${error}</v></c>`;

/** Days of a sheet from an instant whose UTC parts are the wall clock. */
export const serial = (iso: string) => Date.parse(iso) / 86_400_000 + 25_569;

/** Writes a workbook of two sheets; the second one is there to be left alone. */
export async function writeWorkbook(file: string, input: WorkbookInput): Promise<void> {
  await writeZip(file, { ...workbookParts(input), ...input.parts });
}

export async function writeZip(file: string, parts: Readonly<Record<string, string | Buffer>>) {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(parts)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  await finished(zip.outputStream.pipe(createWriteStream(file)));
}

export function workbookParts({
  rows = [],
  sheetData = rows.map((cells, index) => rowXml(index + 1, cells)).join(''),
  merged = [],
  formats = [],
  strings = [],
  date1904 = false,
}: WorkbookInput): Record<string, string> {
  const areas = merged.map((ref) => `<mergeCell ref="${ref}"/>`).join('');
  return {
    '_rels/.rels': relations([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<workbook xmlns:r="${OFFICE}"><workbookPr date1904="${Number(date1904)}"/><sheets><sheet name="第一张" sheetId="1" r:id="rId1"/><sheet name="说明" sheetId="2" r:id="rId2"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ['worksheet', 'worksheets/sheet1.xml'],
      ['worksheet', 'worksheets/sheet2.xml'],
      ['styles', 'styles.xml'],
      ['sharedStrings', '/xl/sharedStrings.xml'],
    ]),
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${sheetData}</sheetData>${areas && `<mergeCells>${areas}</mergeCells>`}</worksheet>`,
    'xl/worksheets/sheet2.xml': `<worksheet><sheetData>${rowXml(1, ['not read'])}</sheetData></worksheet>`,
    'xl/styles.xml': `<styleSheet><numFmts>${formats
      .map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${escaped(code)}"/>`)
      .join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats
      .map((_, index) => `<xf numFmtId="${164 + index}"/>`)
      .join('')}</cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `<sst>${strings.map((xml) => `<si>${xml}</si>`).join('')}</sst>`,
  };
}

export function rowXml(row: number, cells: readonly CellInput[]): string {
  const each = cells.map((cell, column) => cellXml(cell, `${columnName(column)}${row}`));
  return `<row r="${row}">${each.join('')}</row>`;
}

function cellXml(cell: CellInput, address: string): string {
  if (cell === null) return '';
  if (typeof cell === 'function') return cell(address);
  if (typeof cell === 'number') return `<c r="${address}"><v>${cell}</v></c>`;
  if (typeof cell === 'boolean') return `<c r="${address}" t="b"><v>${Number(cell)}</v></c>`;
  return inline(`<t>${escaped(cell)}</t>`)(address);
}

export function columnName(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : columnName(Math.floor(column / 26) - 1) + last;
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function relations(targets: readonly (readonly [type: string, target: string])[]): string {
  const each = targets.map(
    ([type, target], index) =>
      `<Relationship Id="rId${index + 1}" Type="${OFFICE}/${type}" Target="${target}"/>`,
  );
  return `<Relationships>${each.join('')}</Relationships>`;
}
