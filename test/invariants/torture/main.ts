import { parseArgs } from 'node:util';
import { UsageError, runCommand } from '../../../src/cli/run-command.ts';
import { torture } from './torture.ts';

const USAGE = `Usage: npm run torture -- [--minutes 5] [--hubs 3] [--clients 24] [--seed N]
Kills hubs under load for as long as wanted, and proves what they say. Exit code 1: contradicted.`;

await runCommand(USAGE, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      minutes: { type: 'string', default: '5' },
      hubs: { type: 'string', default: '3' },
      clients: { type: 'string', default: '24' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const [minutes, hubs, clients, seed] = [values.minutes, values.hubs, values.clients, values.seed].map(
    Number,
  );
  if (!(minutes! > 0)) throw new UsageError('--minutes must be a number above 0.');
  for (const [name, value] of Object.entries({ hubs, clients }))
    if (!Number.isInteger(value) || value! < 1)
      throw new UsageError(`--${name} must be a whole number from 1 on.`);
  if (!Number.isInteger(seed)) throw new UsageError('--seed must be a whole number.');
  const durationMs = minutes! * 60_000;
  /** From the first command on; a start takes its time. */
  let until: number | undefined;
  process.stdout.write(`seed ${seed}\n`);
  const { contradictions, ...figures } = await torture({
    seed: seed!,
    hubs: hubs!,
    clients: clients!,
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
});
