import { expect, test } from '@jest/globals';
import fc from 'fast-check';

/**
 * The escrow of regions (docs/scaling.md) as a model: a home and regions that sell on their own, over a network that
 * loses, doubles, delays and reorders. What a node has written down survives its crash; what it has sent may not arrive.
 */

interface Message {
  to: number;
  from: number;
  /** A grant of units, or that one has been received. */
  kind: 'GRANT' | 'RECEIVED';
  id: string;
  units: number;
}

/** When a giver lowers its own number: before it sends, or (wrongly) once the receipt is acknowledged. */
type Giving = 'FIRST' | 'ON_RECEIPT';

class Region {
  sold = 0;
  private grants = 0;
  /** Given and not acknowledged: sent again until it is. */
  readonly open = new Map<string, Message>();
  private readonly received = new Set<string>();

  constructor(
    readonly index: number,
    /** Units that it may sell. */
    public own: number,
    private readonly giving: Giving,
  ) {}

  sell(units: number): void {
    const taken = Math.min(units, this.own);
    this.own -= taken;
    this.sold += taken;
  }

  cancel(units: number): void {
    const back = Math.min(units, this.sold);
    this.sold -= back;
    this.own += back;
  }

  give(to: number, units: number): Message | undefined {
    const given = Math.min(units, this.own);
    if (given === 0 || to === this.index) return undefined;
    if (this.giving === 'FIRST') this.own -= given;
    const id = `${this.index}/${this.grants++}`;
    const message: Message = { to, from: this.index, kind: 'GRANT', id, units: given };
    this.open.set(id, message);
    return message;
  }

  take(message: Message): Message | undefined {
    if (message.kind === 'RECEIVED') {
      const grant = this.open.get(message.id);
      if (grant && this.giving === 'ON_RECEIPT') this.own -= grant.units;
      this.open.delete(message.id);
      return undefined;
    }
    if (!this.received.has(message.id)) {
      this.received.add(message.id);
      this.own += message.units;
    }
    return { to: message.from, from: this.index, kind: 'RECEIVED', id: message.id, units: 0 };
  }

  /** Units that it has given and that nobody can sell until they are received. */
  onTheWay(regions: readonly Region[]): number {
    if (this.giving === 'ON_RECEIPT') return 0;
    return [...this.open.values()]
      .filter(({ to, id }) => !regions[to]!.received.has(id))
      .reduce((sum, { units }) => sum + units, 0);
  }
}

const REGIONS = 4;
const region = fc.nat(REGIONS - 1);
const units = fc.integer({ min: 1, max: 6 });
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sell' as const), at: region, units }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), at: region, units }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('give' as const), at: region, to: region, units }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      which: fc.nat(50),
      how: fc.constantFrom('ONCE' as const, 'TWICE' as const, 'LOSE' as const),
    }),
  },
  // A restart sends again what was not acknowledged; so does a timer.
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sendAgain' as const), at: region }) },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** @returns what was sold beyond what there was, at the worst, and the units that are missing when all is quiet */
function play(steps: readonly Step[], onHand: number, giving: Giving) {
  const regions = Array.from(
    { length: REGIONS },
    (_, index) => new Region(index, index === 0 ? onHand : 0, giving),
  );
  const network: Message[] = [];
  const send = (message: Message | undefined) => void (message && network.push(message));
  const sold = () => regions.reduce((sum, each) => sum + each.sold, 0);
  let worst = 0;
  for (const next of steps) {
    if (next.do === 'sell') regions[next.at]!.sell(next.units);
    else if (next.do === 'cancel') regions[next.at]!.cancel(next.units);
    else if (next.do === 'give') send(regions[next.at]!.give(next.to, next.units));
    else if (next.do === 'sendAgain') network.push(...regions[next.at]!.open.values());
    else if (network.length > 0) {
      const index = next.which % network.length;
      const message = network[index]!;
      if (next.how !== 'TWICE') network.splice(index, 1);
      if (next.how !== 'LOSE') send(regions[message.to]!.take(message));
    }
    worst = Math.max(worst, sold() - onHand);
  }
  // The network heals: everything is sent until it is acknowledged.
  for (let open = true; open;) {
    for (const each of regions) network.push(...each.open.values());
    while (network.length > 0) {
      const message = network.pop()!;
      send(regions[message.to]!.take(message));
    }
    open = regions.some((each) => each.open.size > 0);
  }
  const held = regions.reduce((sum, each) => sum + each.own + each.onTheWay(regions), 0);
  return { worst, missing: onHand - sold() - held };
}

const plays = fc.tuple(fc.array(step, { maxLength: 120, size: 'max' }), fc.integer({ min: 0, max: 40 }));

test('regions never sell more than there is, and no unit is lost, whatever the network does', () => {
  fc.assert(
    fc.property(plays, ([steps, onHand]) => {
      expect(play(steps, onHand, 'FIRST')).toEqual({ worst: 0, missing: 0 });
    }),
    { numRuns: 3_000 },
  );
});

test('a giver that waits for the receipt would oversell: the same plays find it', () => {
  const found = fc.check(
    fc.property(plays, ([steps, onHand]) => play(steps, onHand, 'ON_RECEIPT').worst <= 0),
    { numRuns: 3_000, seed: 1 },
  );
  expect(found.failed).toBe(true);
});
