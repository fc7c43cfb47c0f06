import { posix } from 'node:path';
import { UnreadableFile } from '../table.ts';
import { readCellStyles } from './cell-styles.ts';
import { MAX_PART_BYTES, MAX_SMALL_PART_BYTES } from './limits.ts';
import type { MergedAreas } from './merged-areas.ts';
import { partTexts } from './part-texts.ts';
import { readSharedStrings } from './shared-strings.ts';
import { type SheetContext, type SheetRow, sheetRows } from './sheet-rows.ts';
import { surveySheet } from './survey-sheet.ts';
import { attribute, parseXml } from './xml-parser.ts';
import { ZipArchive } from './zip-archive.ts';

/** Other zip archives that are given for a workbook: the entry that tells, and what to say of them. */
const OTHER_ARCHIVES: readonly (readonly [entry: string, what: string])[] = [
  ['xl/workbook.bin', 'is a binary workbook (.xlsb); save it as .xlsx'],
  ['content.xml', 'is an OpenDocument file; save it as .xlsx'],
  ['word/document.xml', 'is a text document (.docx), not a workbook'],
];

/** The first sheet of an Excel workbook. Sheets are read from the disk each time: nothing of them is held. */
export class Workbook {
  readonly #archive: ZipArchive;
  readonly #progress: () => void;
  readonly #sheetPart: string;
  readonly #context: SheetContext;
  #merged: MergedAreas | undefined;

  private constructor(archive: ZipArchive, progress: () => void, sheetPart: string, context: SheetContext) {
    this.#archive = archive;
    this.#progress = progress;
    this.#sheetPart = sheetPart;
    this.#context = context;
  }

  /**
   * @param progress called whenever a piece has been read
   * @throws UnreadableFile when the file is no workbook that can be read, or passes a ceiling
   */
  static async open(file: string, progress: () => void): Promise<Workbook> {
    const archive = await ZipArchive.open(file);
    try {
      return await openIn(archive, progress, (...parts) => new Workbook(...parts));
    } catch (error) {
      archive.close();
      throw error;
    }
  }

  /** Merged areas, found in a first pass that also compares the sheet with the ceilings. */
  async mergedAreas(): Promise<MergedAreas> {
    this.#merged ??= await surveySheet(this.#sheetTexts());
    return this.#merged;
  }

  rows(): AsyncGenerator<SheetRow> {
    return sheetRows(this.#sheetPart, this.#sheetTexts(), this.#context);
  }

  close(): void {
    this.#archive.close();
  }

  #sheetTexts(): AsyncGenerator<string> {
    return readPart(this.#archive, this.#sheetPart, MAX_PART_BYTES, this.#progress);
  }
}

async function openIn(
  archive: ZipArchive,
  progress: () => void,
  make: (archive: ZipArchive, progress: () => void, sheet: string, context: SheetContext) => Workbook,
): Promise<Workbook> {
  const other = OTHER_ARCHIVES.find(([entry]) => archive.has(entry));
  if (other) throw new UnreadableFile(other[1]);
  const small = (part: string) => readPart(archive, part, MAX_SMALL_PART_BYTES, progress);
  const root = await readRelations('', small('_rels/.rels'));
  const workbookPart = root.find(({ type }) => type === 'officeDocument')?.target ?? 'xl/workbook.xml';
  const relations = await readRelations(workbookPart, small(relationsPart(workbookPart)));
  const { sheets, date1904 } = await readSheetList(workbookPart, small(workbookPart));
  const sheet = sheets
    .map((id) => relations.find((relation) => relation.id === id))
    .find((relation) => relation?.type === 'worksheet');
  if (!sheet) throw new UnreadableFile('is an Excel workbook without a sheet');
  const partOf = (wanted: string) => {
    const target = relations.find(({ type }) => type === wanted)?.target;
    return target !== undefined && archive.has(target) ? target : undefined;
  };
  const [styles, strings] = [partOf('styles'), partOf('sharedStrings')];
  return make(archive, progress, sheet.target, {
    date1904,
    styles: styles === undefined ? [] : await readCellStyles(styles, small(styles)),
    strings:
      strings === undefined
        ? undefined
        : await readSharedStrings(strings, readPart(archive, strings, MAX_PART_BYTES, progress)),
  });
}

function readPart(
  archive: ZipArchive,
  part: string,
  maxBytes: number,
  progress: () => void,
): AsyncGenerator<string> {
  return partTexts(part, noted(archive.read(part, maxBytes), progress));
}

async function* noted(chunks: AsyncIterable<Buffer>, progress: () => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    progress();
    yield chunk;
  }
}

interface Relation {
  id: string;
  /** The last word of its type: those of the two editions of the standard differ before it. */
  type: string;
  /** Name of the part it leads to. */
  target: string;
}

async function readRelations(part: string, texts: AsyncIterable<string>): Promise<Relation[]> {
  const relations: Relation[] = [];
  await parseXml(relationsPart(part), texts, {
    open(name, attributes) {
      if (name !== 'Relationship' || attributes.TargetMode === 'External') return;
      const target = posix.resolve('/', posix.dirname(part), attributes.Target ?? '').slice(1);
      relations.push({ id: attributes.Id ?? '', type: attributes.Type?.split('/').at(-1) ?? '', target });
    },
    text() {},
    close() {},
  });
  return relations;
}

/** Ids of the sheets' relations, in the order of the tabs. */
async function readSheetList(part: string, texts: AsyncIterable<string>) {
  const sheets: string[] = [];
  let date1904 = false;
  await parseXml(part, texts, {
    open(name, attributes) {
      if (name === 'sheet') sheets.push(attribute(attributes, 'id') ?? '');
      else if (name === 'workbookPr') date1904 = /^(1|true)$/.test(attributes.date1904 ?? '');
    },
    text() {},
    close() {},
  });
  return { sheets, date1904 };
}

function relationsPart(part: string): string {
  return posix.join(posix.dirname(part), '_rels', `${posix.basename(part)}.rels`);
}
