import { expect, it } from '@jest/globals';
import type { Source } from '../../../connectors/spi/index.ts';
import { HubOfOneSku } from './hub-of-one-sku.ts';

/**
 * What must hold of every shop that sells from a counter of its own, beside publications of stock.
 * @param place an order as a shopper places it; null when the shop says that it has not enough
 */
export function stockBesideSales(
  open: () => Source,
  place: (lines: Record<string, number>) => Promise<object | null>,
  sku: string,
): void {
  it('sells exactly what there is, while stock is published and orders are placed at once', async () => {
    const hub = new HubOfOneSku(open(), sku, 0);
    await hub.takeIn();
    const before = hub.taken();
    hub.share = before + 8;
    await hub.publish();
    let sold = 0;
    const closing = new AbortController();
    const publishing = (async () => {
      // Each publication but the third knows less than the shop.
      for (let turn = 0; !closing.signal.aborted; turn++) {
        if (turn % 3 === 2) await hub.takeIn();
        await hub.publish();
      }
    })();
    while (await place({ [sku]: 1 })) sold += 1;
    closing.abort();
    await publishing;
    await hub.takeIn();
    await hub.publish();
    while (await place({ [sku]: 1 })) sold += 1; // what was kept back for a moment
    expect(sold).toBe(8);
    await hub.takeIn();
    expect(await hub.publish()).toMatchObject({ sellable: 0 });
    expect(hub.taken() - before).toBe(8);
  });

  it('erases no sale of many shoppers at once, whatever its counters have lost', async () => {
    const hub = new HubOfOneSku(open(), sku, 0);
    await hub.takeIn();
    const before = hub.taken();
    hub.share = before + 40;
    await hub.publish();
    const shoppers = Promise.all(Array.from({ length: 5 }, () => place({ [sku]: 2 })));
    for (let turn = 0; turn < 3; turn++) await hub.publish();
    const sold = (await shoppers).filter((order) => order !== null).length * 2;
    expect(sold).toBeGreaterThan(0);
    // The hub has read none of them; then all.
    expect(await hub.publish()).toMatchObject({ sellable: 40 - sold });
    await hub.takeIn();
    expect(hub.taken() - before).toBe(sold);
    expect(await hub.publish()).toMatchObject({ sellable: 40 - sold });
  });
}
