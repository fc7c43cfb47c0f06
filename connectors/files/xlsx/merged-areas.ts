import { columnOf, rowOf } from './cell-address.ts';
import { MAX_MERGED_AREAS, MAX_MERGED_WIDTH, overLimit } from './limits.ts';
import { MAX_COLUMNS } from '../table.ts';
import type { SheetRow } from './sheet-rows.ts';

interface Area {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** Merged areas of a sheet, gathered in any order. */
export class MergedAreas {
  readonly #areas: Area[] = [];
  #sorted = true;
  #width = 0;

  /** @param reference e.g. `A3:A4` */
  add(reference: string): void {
    const [from = '', to = ''] = reference.split(':');
    const [top, left, bottom, right] = [rowOf(from), columnOf(from), rowOf(to), columnOf(to)];
    if (top === undefined || left === undefined || bottom === undefined || right === undefined) return;
    this.#width += Math.max(0, Math.min(right + 1, MAX_COLUMNS) - left);
    if (this.#areas.length >= MAX_MERGED_AREAS || this.#width > MAX_MERGED_WIDTH)
      throw overLimit(`more than ${MAX_MERGED_AREAS} merged areas`);
    this.#sorted &&= top >= (this.#areas.at(-1)?.top ?? 0);
    this.#areas.push({ top, left, bottom, right });
  }

  /**
   * Returns a spreader that gives each merged cell the value of the cell it is merged into, row by row from the top.
   */
  spreader(): MergeSpreader {
    if (!this.#sorted) this.#areas.sort((a, b) => a.top - b.top);
    this.#sorted = true;
    return new MergeSpreader(this.#areas);
  }
}

interface Spread {
  bottom: number;
  text: string;
  spoilt: string | undefined;
}

class MergeSpreader {
  readonly #areas: readonly Area[];
  #next = 0;
  /** By column, what the areas give that the present row is in. */
  readonly #active = new Map<number, Spread>();

  constructor(areas: readonly Area[]) {
    this.#areas = areas;
  }

  /** Fills the merged cells of a row, up to `width` columns. */
  fill(row: SheetRow, width: number): void {
    for (let area = this.#areas[this.#next]; area && area.top <= row.row; area = this.#areas[this.#next]) {
      this.#next += 1;
      const ofRow = area.top === row.row;
      const spread = {
        bottom: area.bottom,
        text: (ofRow && row.cells.get(area.left)) || '',
        spoilt: ofRow && row.spoilt?.column === area.left ? row.spoilt.reason : undefined,
      };
      for (let column = area.left; column <= area.right && column < width; column += 1)
        this.#active.set(column, spread);
    }
    for (const [column, { bottom, text, spoilt }] of this.#active) {
      if (bottom < row.row) {
        this.#active.delete(column);
      } else {
        if (text === '') row.cells.delete(column);
        else row.cells.set(column, text);
        if (spoilt !== undefined) row.spoilt ??= { column, reason: spoilt };
      }
    }
  }
}
