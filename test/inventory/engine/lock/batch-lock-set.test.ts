import { expect, test } from '@jest/globals';
import type { StockCommand } from '../../../../src/inventory/engine/command.ts';
import { batchLockSet } from '../../../../src/inventory/engine/lock/batch-lock-set.ts';
import { reserveOf, submission } from '../../../support/inventory/engine.ts';

const setOf = (...commands: object[]) =>
  batchLockSet(commands.map((command) => submission(command as StockCommand)));
const NOTHING = setOf();

const returned = {
  sku: 'A',
  quantity: 1,
  condition: 'SELLABLE',
  returnOf: { orderLineId: 'L1', channel: 'web', orderExternalId: 'O1', ordered: 1, shipped: 1 },
};

test.each<[string, object, object]>([
  ['a release names its reservation', { type: 'release', reservationId: 'r1' }, { reservations: ['r1'] }],
  [
    'a confirm has the refunds and returns of its order read',
    { type: 'confirm', reservationId: 'r1', orderExternalId: 'O1' },
    { reservations: ['r1'], paidOrShipped: [{ id: 'r1', orderExternalId: 'O1' }], readsOrderFacts: true },
  ],
  [
    'a node that ships counts returns that wait',
    { type: 'ship', reservationIds: ['r1', 'r2'], node: 'WH', lines: [{ sku: 'A', quantity: 1 }] },
    {
      nodes: ['WH'],
      skus: ['A'],
      reservations: ['r1', 'r2'],
      shipped: [{ id: 'r1' }, { id: 'r2' }],
      paidOrShipped: [{ id: 'r1' }, { id: 'r2' }],
      countsReturns: true,
      readsOrderFacts: true,
    },
  ],
  [
    'an allocation names nodes and SKUs by its assignments',
    {
      type: 'allocate',
      reservationIds: ['r1'],
      assignments: [
        { node: 'WH', sku: 'A', quantity: 1 },
        { node: 'WH', sku: 'B', quantity: 1 },
      ],
    },
    { nodes: ['WH'], skus: ['A', 'B'], reservations: ['r1'] },
  ],
  [
    'a receipt creates balances',
    { type: 'restock', node: 'WH', lines: [{ ...returned, returnOf: undefined }] },
    {
      nodes: ['WH'],
      skus: ['A'],
      places: [{ sku: 'A', node: 'WH' }],
      createdPlaces: [{ sku: 'A', node: 'WH' }],
    },
  ],
  [
    'a return names its order and line, and is known by its event',
    { type: 'restock', node: 'WH', externalEventId: 'E1', lines: [returned] },
    {
      nodes: ['WH'],
      skus: ['A'],
      places: [{ sku: 'A', node: 'WH' }],
      createdPlaces: [{ sku: 'A', node: 'WH' }],
      orders: [{ channel: 'web', orderExternalId: 'O1' }],
      orderLines: ['L1'],
      events: [expect.objectContaining({ eventId: 'E1' })],
      countsReturns: true,
      readsOrderFacts: true,
    },
  ],
  [
    'a pool concerns every balance with a plan',
    { type: 'configurePool', pool: 'MAIN' },
    { planned: { campaigns: [], pools: ['MAIN'] } },
  ],
  [
    'a presale names the channels of its caps',
    {
      type: 'configurePresale',
      pool: 'MAIN',
      code: 'P',
      lines: [{ sku: 'A' }],
      channelCaps: [{ channel: 'web' }],
    },
    {
      channels: ['web'],
      skus: ['A'],
      places: [{ sku: 'A', pool: 'MAIN' }],
      createdPlaces: [{ sku: 'A', pool: 'MAIN' }],
      planned: { campaigns: ['P'], pools: [] },
    },
  ],
])('%s', (_what, command, named) => {
  expect(setOf(command)).toEqual({ ...NOTHING, ...named });
});

test('what several commands name is named once, and only what one of them creates is created', () => {
  const set = setOf(
    reserveOf('A', 1),
    reserveOf('A', 2),
    { type: 'adjust', node: 'WH', lines: [{ sku: 'A', delta: 1 }] },
    { type: 'release', reservationId: 'r1' },
  );
  expect(set.skus).toEqual(['A']);
  expect(set.places).toHaveLength(2);
  expect(set.createdPlaces).toEqual([{ sku: 'A', node: 'WH' }]);
  expect(set).toMatchObject({ orders: [], countsReturns: false, readsOrderFacts: false });
});
