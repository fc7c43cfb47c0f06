import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { csvRows } from '../../connectors/files/csv.ts';

describe('CSV rows', () => {
  it('are read back as they were written, whatever the cells hold', async () => {
    const unit = fc.constantFrom(...'ab1，中文",;\t\n" ');
    const cell = fc.string({ unit, maxLength: 8 }).map((text) => text.trim());
    const table = fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        const written = [['a', 'b', 'c'], ...rows].map((cells) => cells.map(quoted).join(',')).join('\n');
        const read = [];
        for await (const row of csvRows(linesOf(written))) read.push(row);
        const filled = rows.filter((cells) => cells.some((text) => text !== ''));
        expect(read.map(({ data }) => Object.values(data))).toEqual(filled);
        expect(read.filter((row) => row.broken)).toEqual([]);
      }),
    );
  });

  it('are never lost and never throw for any text at all', async () => {
    const unit = fc.constantFrom(...'ab",;\n');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 60 }), async (text) => {
        const read = [];
        for await (const row of csvRows(linesOf(`a,b\n${text}`))) read.push(row);
        const numbers = read.map(({ row }) => row);
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      }),
    );
  });
});

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}
