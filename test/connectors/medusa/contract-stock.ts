/** SKU → price. */
const PRICES: Record<string, number> = { 'HOT-1': 99, 'A-1': 10, 'B-1': 20, 'C-1': 30 };

/** A line of an order, with what has become of its units. */
export interface Line {
  id: string;
  variant_sku: string | null;
  quantity: number;
  unit_price: number;
  refundable_total_per_unit: number;
  requires_shipping: boolean;
  detail: { fulfilled_quantity: number; shipped_quantity: number; delivered_quantity: number };
}

export function lineOf(id: string, sku: string, quantity: number, price: number): Line {
  return {
    id,
    variant_sku: sku,
    quantity,
    unit_price: price,
    refundable_total_per_unit: price,
    requires_shipping: true,
    detail: { fulfilled_quantity: 0, shipped_quantity: 0, delivered_quantity: 0 },
  };
}

interface Level {
  location_id: string;
  stocked_quantity: number;
  reserved_quantity: number;
}

interface Variant {
  sku: string;
  manage_inventory: boolean;
  allow_backorder: boolean;
  inventory_items: { required_quantity: number; inventory: { id: string; location_levels: Level[] } }[];
}

interface LevelWrite {
  inventory_item_id: string;
  location_id: string;
  stocked_quantity: number;
}

/** Variants and their counters: what is stocked less what is reserved is sold. */
export class Stock {
  readonly locations = [{ id: 'sloc_1' }];
  /** Two orders at once add to a counter, and one addition is lost. */
  losesReservations = false;
  /** The next writes are lost: another request wrote what it had read before. */
  losesWrites = 0;
  private readonly all: Variant[] = Object.keys(PRICES).map((sku) => ({
    sku,
    manage_inventory: true,
    allow_backorder: false,
    inventory_items: [
      {
        required_quantity: 1,
        inventory: {
          id: `iitem_${sku}`,
          location_levels: [{ location_id: 'sloc_1', stocked_quantity: 1_000, reserved_quantity: 0 }],
        },
      },
    ],
  }));

  priceOf(sku: string): number {
    return PRICES[sku]!;
  }

  variant(sku: string): Variant {
    return this.all.find((variant) => variant.sku === sku)!;
  }

  variants(skus: readonly string[]): Variant[] {
    return this.all.filter(({ sku }) => skus.includes(sku));
  }

  countersOf(sku: string) {
    const { stocked_quantity, reserved_quantity } = this.level(sku);
    return { stocked: stocked_quantity, reserved: reserved_quantity };
  }

  canReserve(lines: Record<string, number>): boolean {
    return Object.entries(lines).every(([sku, quantity]) => {
      const { stocked, reserved } = this.countersOf(sku);
      return stocked - reserved >= quantity;
    });
  }

  reserve(lines: Record<string, number>): void {
    if (this.losesReservations) return;
    for (const [sku, quantity] of Object.entries(lines)) this.level(sku).reserved_quantity += quantity;
  }

  release(sku: string, quantity: number): void {
    this.level(sku).reserved_quantity -= quantity;
  }

  take(sku: string, quantity: number): void {
    this.release(sku, quantity);
    this.level(sku).stocked_quantity -= quantity;
  }

  /** @throws Error where a level is to be made that is there, or changed that is not */
  write({ create, update }: { create: LevelWrite[]; update: LevelWrite[] }): void {
    for (const write of [...create, ...update]) {
      const { location_levels: levels } = this.item(write.inventory_item_id);
      const level = levels.find(({ location_id }) => location_id === write.location_id);
      if ((level === undefined) !== create.includes(write)) throw new Error('invalid_data');
      if (this.losesWrites > 0) this.losesWrites -= 1;
      else if (level) level.stocked_quantity = write.stocked_quantity;
      else levels.push({ ...write, reserved_quantity: 0 });
    }
  }

  level(sku: string): Level {
    return this.item(`iitem_${sku}`).location_levels[0]!;
  }

  private item(id: string) {
    return this.all
      .flatMap(({ inventory_items }) => inventory_items)
      .map(({ inventory }) => inventory)
      .find((inventory) => inventory.id === id)!;
  }
}
