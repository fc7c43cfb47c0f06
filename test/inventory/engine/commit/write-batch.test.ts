import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { LockedStock } from '../../../../src/inventory/engine/state/locked-stock.ts';
import { stockChanges } from '../../../../src/inventory/engine/commit/batch-changes.ts';
import { writeBatch } from '../../../../src/inventory/engine/commit/write-batch.sql.ts';
import { connect } from '../../../support/inventory/engine.ts';
import { engineFixture } from '../../../support/inventory/engine-fixture.ts';
import { noRows, untouchedLine } from '../../../../src/inventory/engine/state/locked-rows.ts';

/**
 * What rows share is sent as one value, one element or not at all: however much that is, the rows that are written are
 * the rows that were given.
 */
const fixture = engineFixture();

const day = fc.constantFrom('2030-01-01', '2030-01-02');
const instant = fc.constantFrom(Date.UTC(2030, 0, 1), Date.UTC(2030, 0, 2, 3, 4, 5, 678));
const word = fc.constantFrom('A', 'B "quoted" \\ {,} ');
const few = fc.integer({ min: 0, max: 1 });

const line = fc.record({
  lineNo: fc.integer({ min: 1, max: 3 }),
  sku: word,
  pool: word,
  channel: word,
  promisedOn: day,
  reserved: fc.integer({ min: 2, max: 3 }),
  released: few,
  oversold: few,
  holdExpiresAt: fc.option(instant),
});
const movement = fc.record({
  delta: fc.integer({ min: 1, max: 2 }),
  at: instant,
  sku: word,
  pool: word,
  node: fc.option(word),
  counter: word,
  cause: word,
  ofLine: fc.boolean(),
  actor: word,
});
/** Few values vary as a rule: of each column, all rows have that of the first, or their own. */
const rowsOf = <Row extends object>(row: fc.Arbitrary<Row>) =>
  fc
    .tuple(fc.array(row, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.boolean()))
    .map(([rows, isShared]) => {
      const first = Object.fromEntries(Object.entries(rows[0]!).filter(() => isShared.next().value));
      return rows.map((each) => ({ ...each, ...first }));
    });

const untouched = new LockedStock(noRows(new Date(0)));
const nothing = { ...stockChanges(untouched), replies: [], unclaimed: [] };

const asDate = (at: number | null) => (at === null ? null : new Date(at));

test('rows are written as they are, whatever they share', async () => {
  const client = await connect(fixture.database.url);
  await fc.assert(
    fc.asyncProperty(rowsOf(line), rowsOf(movement), async (lines, movements) => {
      const newLines = lines.map((each) => ({
        ...untouchedLine,
        ...each,
        reservationId: randomUUID(),
        holdExpiresAt: asDate(each.holdExpiresAt),
      }));
      const moved = movements.map(({ ofLine, ...each }, index) => ({
        ...each,
        at: new Date(each.at),
        reservationId: ofLine ? newLines[index % newLines.length]!.reservationId : null,
        restockId: null,
        supplyId: null,
      }));
      const { statement, values } = writeBatch({ ...nothing, newLines, movements: moved })!;
      await client.query('begin');
      await client.query({ ...statement, values });
      const written = await client.query(
        `select reservation_id as "reservationId", line_no as "lineNo", sku, pool, channel, promised_on::text as "promisedOn",
           reserved, released, allocated, shipped, unbacked, dated, cancelled, refunded, oversold, hold_expires_at as "holdExpiresAt"
         from reservation_line where reservation_id = any ($1) order by array_position($1, reservation_id)`,
        [newLines.map(({ reservationId }) => reservationId)],
      );
      const ledger = await client.query(
        `select delta, at, sku, pool, node, counter, cause, reservation_id as "reservationId", restock_id as "restockId",
           supply_id as "supplyId", actor from stock_movement order by id desc limit $1`,
        [moved.length],
      );
      await client.query('rollback');
      expect(written.rows).toEqual(newLines);
      expect(ledger.rows.toReversed()).toEqual(moved);
    }),
    { numRuns: 200 },
  );
  await client.end();
});
