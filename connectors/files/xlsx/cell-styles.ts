import { builtInKind, numberKind, type NumberKind } from './number-format.ts';
import { parseXml } from './xml-parser.ts';

/** The kind of numbers, by the index of a cell's style. */
export type CellStyles = readonly NumberKind[];

/** The styles of a workbook, as far as they say what a number means. */
export async function readCellStyles(part: string, texts: AsyncIterable<string>): Promise<CellStyles> {
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let inCellFormats = false;
  await parseXml(part, texts, {
    open(name, attributes) {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '');
      else if (name === 'cellXfs') inCellFormats = true;
      else if (name === 'xf' && inCellFormats) formats.push(Number(attributes.numFmtId ?? 0));
    },
    text() {},
    close(name) {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  const kinds = new Map<number, NumberKind>();
  return formats.map((id) => {
    const code = codes.get(id);
    const kind = kinds.get(id) ?? (code === undefined ? builtInKind(id) : numberKind(code));
    kinds.set(id, kind);
    return kind;
  });
}
