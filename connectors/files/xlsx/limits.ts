import { UnreadableFile } from '../table.ts';

/** Files in the zip archive, whatever they hold. */
export const MAX_ENTRIES = 10_000;
/** Unpacked bytes of a sheet, or of the shared strings. */
export const MAX_PART_BYTES = 400_000_000;
/** Unpacked bytes of a part that describes the workbook: relationships, the list of sheets, styles. */
export const MAX_SMALL_PART_BYTES = 20_000_000;
/** Unpacked bytes of all parts that are read. */
export const MAX_UNPACKED_BYTES = 600_000_000;
/** Rows of a sheet that exist, empty ones included: what a spreadsheet program can hold. */
export const MAX_ROWS = 1_048_576;
/** Cells of a sheet that exist, empty ones included. */
export const MAX_CELLS = 20_000_000;
/** Merged areas of a sheet. */
export const MAX_MERGED_AREAS = 500_000;
/** Columns of all merged areas in sum. */
export const MAX_MERGED_WIDTH = 5_000_000;
/** Bytes of text that the shared strings hold in memory. */
export const MAX_SHARED_TEXT_BYTES = 64_000_000;
/** Number of shared strings. */
export const MAX_SHARED_STRINGS = 4_000_000;
/** Characters of one cell: what a spreadsheet program can hold. */
export const MAX_CELL_CHARS = 32_767;
/** Characters from one tag to the next, escapes and attributes included. */
export const MAX_MARKUP_CHARS = 500_000;
/** Elements inside each other. */
export const MAX_DEPTH = 100;

/** The failure of a workbook that passes a ceiling: names it, and says what to do. */
export function overLimit(has: string): UnreadableFile {
  return new UnreadableFile(
    `has ${has}; delete what is not needed, or save the sheet as CSV, which is read without this limit`,
  );
}

/** "400 MB". */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
