import { FatalError, RetriableError } from '../errors.ts';
import type { Cursor } from '../stream.ts';
import { PushRefused, type RawPush } from '../webhook.ts';
import { failureOf, must, mustNotTell } from './expect.ts';
import type { Check, ConformanceKit, MappingTools, SourceBed, TestBed } from './kit.ts';
import { mustHave, never, opened, pagesFrom, recordsOf, streamNamed } from './reading.ts';
import { trackingChecks } from './tracking-checks.ts';

/** More than a page of most sources. */
const MANY = 230;

/** A rule of sources that can be read. */
interface ReadCheck {
  name: string;
  /** Whether the source must be able to fail. */
  needsFaults?: boolean;
  run(kit: ConformanceKit, bed: TestBed, tools: MappingTools): Promise<void>;
}

const canBeRead = (bed: SourceBed): bed is TestBed => bed.put !== undefined;

/** Sources that ask nobody, such as files, have no trouble of that kind. */
const canFail = (bed: SourceBed) => bed.fail !== undefined;

function readCheck({ name, needsFaults, run }: ReadCheck): Check {
  return {
    name,
    concerns: (_kit, bed) => canBeRead(bed) && (!needsFaults || canFail(bed)),
    run: (kit, bed, tools) => run(kit, bed as TestBed, tools),
  };
}

const describing: Check[] = [
  {
    name: 'the spec has a stable id, a title and a schema that can be used',
    async run({ connector: { spec } }, bed, tools) {
      must(/^[a-z][a-z0-9-]{1,39}$/.test(spec.id), `The id ${spec.id} must be 2 to 40 of a-z, 0-9 and -.`);
      must(spec.title.trim() !== '', 'The title is empty.');
      const problem = tools.problemOfSchema(spec.configSchema);
      must(problem === undefined, `configSchema cannot be used: ${problem}`);
      const secret = (value: unknown) => bed.secrets.includes(String(value));
      const { properties = {} } = spec.configSchema as {
        properties?: Record<string, { writeOnly?: boolean }>;
      };
      for (const [name, value] of Object.entries(bed.config))
        if (secret(value))
          must(
            properties[name]?.writeOnly === true,
            `configSchema.properties.${name} is a secret: writeOnly must be true.`,
          );
    },
  },
  {
    name: 'a configuration that is wrong is refused with a sentence, which tells no secret',
    async run({ connector }, { config, secrets }) {
      const wrong = Object.fromEntries(Object.keys(config).map((name) => [name, { wrong: secrets }]));
      const error = await failureOf(async () => connector.open(wrong));
      must(error instanceof FatalError, 'It is a FatalError: nobody but a person can mend it.');
      mustNotTell(error, secrets, 'the error');
    },
  },
  {
    name: 'check says whether the source can be used, and never throws for what a person can mend',
    async run(kit, bed) {
      const good = await opened(kit, bed).check(never);
      must(good.ok, `It says of a good source: ${good.message}`);
      if (!bed.fail) return;
      bed.fail('REFUSED');
      const bad = await opened(kit, bed).check(never);
      must(!bad.ok && bad.message.trim() !== '', 'It must say that the credentials are refused.');
      mustNotTell([good, bad], bed.secrets, 'what check says');
    },
  },
  {
    name: 'discover gives streams with names of their own, and mappings that can be used',
    async run(kit, bed, tools) {
      const source = opened(kit, bed);
      const streams = await source.discover(never);
      must(streams.length > 0 || source.tracking !== undefined, 'There is no stream.');
      must(new Set(streams.map(({ name }) => name)).size === streams.length, 'Two streams have one name.');
      for (const { mapping, mappingOrigin, entity } of streams) {
        tools.compile(mapping, mappingOrigin);
        must(
          mapping.entity === entity,
          `${mappingOrigin} is for ${mapping.entity}, its stream for ${entity}.`,
        );
      }
    },
  },
];

const reading: ReadCheck[] = [
  {
    name: 'a read from the beginning gives every record, each with an id and a place, as JSON that can be kept',
    async run(kit, bed) {
      const source = opened(kit, bed);
      const { stream, ids } = await bed.put(MANY);
      const records = recordsOf(await pagesFrom(source, await streamNamed(source, stream), null));
      mustHave(records, ids, 'From the beginning');
      for (const record of records) {
        must(record.id !== '' && record.origin !== '', 'A record has no id, or no place.');
        const kept = JSON.parse(JSON.stringify(record)) as unknown;
        must(JSON.stringify(kept) === JSON.stringify(record), `${record.id} does not survive JSON.`);
      }
    },
  },
  {
    name: 'every record can be mapped',
    async run(kit, bed, tools) {
      const source = opened(kit, bed);
      const { stream } = await bed.put(3);
      const found = await streamNamed(source, stream);
      const compiled = tools.compile(found.mapping, found.mappingOrigin);
      for (const record of recordsOf(await pagesFrom(source, found, null))) {
        const problem = await tools.problemOf(compiled, record);
        must(problem === undefined, `${record.origin}: ${problem}`);
      }
    },
  },
  {
    name: 'read again, a record has the same id',
    async run(kit, bed) {
      const source = opened(kit, bed);
      const { stream } = await bed.put(5);
      const found = await streamNamed(source, stream);
      const ids = async () =>
        recordsOf(await pagesFrom(source, found, null))
          .map(({ id }) => id)
          .sort();
      must(JSON.stringify(await ids()) === JSON.stringify(await ids()), 'Two reads give other ids.');
    },
  },
  {
    name: 'from the cursor of any page, nothing is lost',
    async run(kit, bed) {
      const { stream, ids } = await bed.put(MANY);
      const first = opened(kit, bed);
      const pages = await pagesFrom(first, await streamNamed(first, stream), null);
      must(pages.length > 0, 'There is no page.');
      for (const [index, { cursor }] of pages.entries()) {
        const restarted = opened(kit, bed);
        const kept = JSON.parse(JSON.stringify(cursor)) as Cursor;
        const rest = await pagesFrom(restarted, await streamNamed(restarted, stream), kept);
        mustHave(
          recordsOf([...pages.slice(0, index + 1), ...rest]),
          ids,
          `After a restart behind page ${index + 1}`,
        );
      }
    },
  },
  {
    name: 'what is new or changed is read from the last cursor on, also within the same second',
    async run(kit, bed) {
      const source = opened(kit, bed);
      const { stream, ids } = await bed.put(10);
      const found = await streamNamed(source, stream);
      let cursor = (await pagesFrom(source, found, null)).at(-1)?.cursor ?? null;
      const added = await bed.put(2);
      const changed = await bed.put(ids.slice(0, 3));
      const pages = await pagesFrom(source, found, cursor);
      mustHave(recordsOf(pages), [...added.ids, ...changed.ids], 'After a change');
      cursor = pages.at(-1)?.cursor ?? cursor;
      const late = await bed.put(1);
      mustHave(recordsOf(await pagesFrom(source, found, cursor)), late.ids, 'After one more');
    },
  },
  {
    name: 'a read ends with its signal, for its reason',
    async run(kit, bed) {
      const source = opened(kit, bed);
      const { stream } = await bed.put(3);
      const found = await streamNamed(source, stream);
      const reason = new Error('the hub is stopping');
      const read = async () => {
        for await (const _page of source.read(found, null, AbortSignal.abort(reason)))
          must(false, 'It goes on.');
      };
      const error = await read().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      must(error === reason, `It ended with ${String(error)}.`);
    },
  },
];

const failing: ReadCheck[] = [
  ...(['UNAVAILABLE', 'THROTTLED'] as const).map((fault): ReadCheck => ({
    name: `a source that is ${fault} in the middle of a read may pass, and nothing is lost or told`,
    needsFaults: true,
    async run(kit, bed) {
      const { stream, ids } = await bed.put(MANY);
      const source = opened(kit, bed);
      const found = await streamNamed(source, stream);
      const before: Awaited<ReturnType<typeof pagesFrom>> = [];
      bed.fail(fault, 1);
      const error = await failureOf(async () => {
        for await (const page of source.read(found, null, never)) before.push(page);
      });
      must(
        error instanceof RetriableError,
        `It is a ${error.name}: trouble that may pass is a RetriableError.`,
      );
      mustNotTell(error, bed.secrets, 'the error');
      bed.heal();
      const again = opened(kit, bed);
      const rest = await pagesFrom(again, await streamNamed(again, stream), before.at(-1)?.cursor ?? null);
      mustHave(recordsOf([...before, ...rest]), ids, 'After the trouble');
    },
  })),
  {
    name: 'credentials that are refused need a person',
    needsFaults: true,
    async run(kit, bed) {
      const { stream } = await bed.put(1);
      const source = opened(kit, bed);
      const found = await streamNamed(source, stream);
      bed.fail('REFUSED');
      const error = await failureOf(() => pagesFrom(source, found, null));
      must(error instanceof FatalError, `It is a ${error.name}: a wrong key stays wrong.`);
      mustNotTell(error, bed.secrets, 'the error');
    },
  },
  {
    name: 'no secret gets into records or cursors',
    async run(kit, bed) {
      const source = opened(kit, bed);
      const { stream } = await bed.put(3);
      mustNotTell(await pagesFrom(source, await streamNamed(source, stream), null), bed.secrets, 'a page');
    },
  },
];

const hasWebhook = (kit: ConformanceKit, bed: SourceBed) => opened(kit, bed).webhook !== undefined;

function pushOf(bed: SourceBed, ids: readonly string[]): RawPush {
  must(bed.push !== undefined, 'The connector takes pushes: the kit must have `push`.');
  return bed.push(ids);
}

const pushing: Check[] = [
  {
    name: 'a push that is signed hints at its records, and those are read back as they are now',
    concerns: (kit, bed) => hasWebhook(kit, bed) && canBeRead(bed),
    async run(kit, bed) {
      const source = opened(kit, bed);
      const { stream, ids } = await (bed as TestBed).put(2);
      // One at a time: many sources push each record by itself.
      const answers = await Promise.all(ids.map((id) => source.webhook!.receive(pushOf(bed, [id]))));
      const hints = answers.flatMap((answer) => answer.hints).filter((hint) => hint.stream === stream);
      const hinted = new Set(hints.flatMap(({ recordIds }) => recordIds));
      must(
        ids.every((id) => hinted.has(id)),
        'It does not hint at the records that were pushed.',
      );
      const found = await streamNamed(source, stream);
      mustHave(await source.webhook!.readBack(found, ids, never), ids, 'Read back');
      const none = await source.webhook!.readBack(found, ['does-not-exist-0'], never);
      must(none.length === 0, 'A record that is gone is left out.');
    },
  },
  {
    name: 'a push that carries its records gives each with an id, a place and what can be mapped; the same push has one id',
    concerns: (kit, bed) => hasWebhook(kit, bed) && !canBeRead(bed),
    async run(kit, bed, tools) {
      const source = opened(kit, bed);
      const push = pushOf(bed, ['pushed-1', 'pushed-2']);
      const [first, again] = [await source.webhook!.receive(push), await source.webhook!.receive(push)];
      must(JSON.stringify(first) === JSON.stringify(again), 'The same push, told again, is another one.');
      must(
        first.hints.every(({ pushId }) => pushId !== null),
        'A push has no id: told again, it could not be known.',
      );
      mustHave(
        first.hints.flatMap(({ records = [] }) => records),
        ['pushed-1', 'pushed-2'],
        'In the push',
      );
      for (const { stream, records = [] } of first.hints) {
        const { mapping, mappingOrigin } = await streamNamed(source, stream);
        const compiled = tools.compile(mapping, mappingOrigin);
        for (const record of records) {
          const problem = record.origin === '' ? 'It has no place.' : await tools.problemOf(compiled, record);
          must(problem === undefined, `${record.id}: ${problem}`);
        }
      }
    },
  },
  {
    name: 'a push whose body was changed by one byte is refused',
    concerns: hasWebhook,
    async run(kit, bed) {
      const push = pushOf(bed, canBeRead(bed) ? (await bed.put(1)).ids : ['pushed-0']);
      const body = Uint8Array.from(push.body);
      const middle = Math.floor(body.length / 2);
      body[middle] = body[middle]! ^ 1;
      for (const wrong of [
        { ...push, body },
        { ...push, headers: {}, query: {} },
      ]) {
        const error = await opened(kit, bed)
          .webhook!.receive(wrong)
          .then(
            () => undefined,
            (thrown: unknown) => thrown,
          );
        must(error instanceof PushRefused, `It was not refused: ${String(error)}`);
        mustNotTell(error, bed.secrets, 'the refusal');
      }
    },
  },
];

const writing: Check[] = [
  {
    name: 'stock that is published twice is published once, and a SKU that the source does not know is said to be refused',
    concerns: (kit, bed) => opened(kit, bed).stock !== undefined,
    async run(kit, bed) {
      const { stock } = opened(kit, bed);
      const skus = bed.stockedSkus ?? [];
      must(skus.length > 0, 'The connector publishes stock: the kit must have `stockedSkus`.');
      const wanted = skus.map((sku, index) => ({ sku, free: 3 + index, takenIn: 0 }));
      for (let round = 0; round < 2; round++) {
        const results = await stock!.publishStock(wanted, never);
        for (const { sku, free } of wanted) {
          const result = results.find((one) => one.sku === sku);
          must(result !== undefined && result.outcome !== 'REFUSED', `${sku} was not published.`);
          must(result.sellable === free, `${sku} is sold up to ${result.sellable}, not ${free}.`);
        }
      }
      const [unknown] = await stock!.publishStock([{ sku: 'NO-SUCH-SKU-0', free: 1, takenIn: 0 }], never);
      must(unknown?.outcome === 'REFUSED', 'An unknown SKU must be refused, not be an error of all.');
    },
  },
];

/** Every rule of the contract, in the order in which it makes sense to mend them. */
export const checks: readonly Check[] = [
  ...describing,
  ...[...reading, ...failing].map(readCheck),
  ...pushing,
  ...writing,
  ...trackingChecks,
];
