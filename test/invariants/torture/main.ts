import { parseArgs } from 'node:util';
import { torture } from './torture.ts';

/** `npm run torture -- --minutes 60`: the invariants under kills for as long as wanted. Exit code 1: contradicted. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    hubs: { type: 'string', default: '3' },
    clients: { type: 'string', default: '24' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const durationMs = Number(values.minutes) * 60_000;
if (!(durationMs > 0)) throw new Error('--minutes must be a number above 0');
/** From the first command on; a start takes its time. */
let until: number | undefined;
process.stdout.write(`seed ${values.seed}\n`);
const { contradictions, ...figures } = await torture({
  seed: Number(values.seed),
  hubs: Number(values.hubs),
  clients: Number(values.clients),
  answersPerIncident: 2_000,
  goOn: () => Date.now() < (until ??= Date.now() + durationMs),
  log: (line) => process.stdout.write(`${new Date().toISOString()} ${line}\n`),
});
const incidents = Object.entries(Object.groupBy(figures.incidents, (what) => what.replace(/ \d+/, ''))).map(
  ([what, some]) => `${some!.length} × ${what}`,
);
process.stdout.write(
  `${figures.operations} commands, ${figures.reservations} reservations; ${incidents.join(', ')}; ` +
    `told to come again: ${JSON.stringify(figures.retried)}\n`,
);
for (const what of contradictions.slice(0, 50)) process.stdout.write(`CONTRADICTED: ${what}\n`);
process.stdout.write(`${contradictions.length} contradictions\n`);
process.exit(contradictions.length === 0 ? 0 : 1);
