import { postGraphql } from '../../support/post-graphql.ts';
import { runClients } from './clients.ts';
import { documents, randomOf } from './commands.ts';
import type { History, Reply } from './history.ts';
import { contradictions, type Reservation } from './judge.ts';
import { firstCount, Plant } from './plant.ts';
import { READ_LEDGER, type Movement } from './timeline.ts';

export interface TortureOptions {
  seed: number;
  clients: number;
  hubs: number;
  /** An incident after so many answers. */
  answersPerIncident: number;
  /** Whether to go on, asked before every command. */
  goOn: (done: { answers: number; incidents: number }) => boolean;
  log: (line: string) => void;
}

export interface Verdict {
  contradictions: string[];
  operations: number;
  incidents: string[];
  retried: Record<string, number>;
  reservations: number;
}

/**
 * Clients that retry blindly and hubs and a PostgreSQL that are killed; then every request and reply is judged against
 * what is stored (docs/promise-engine.md, "Proof").
 */
export async function torture(options: TortureOptions): Promise<Verdict> {
  const plant = new Plant();
  try {
    await plant.start(options.hubs);
    const count = await postGraphql(plant.hubs[0]!, {
      query: documents[firstCount.mutation]!,
      variables: { input: firstCount.input },
    });
    if (count.errors) throw new Error(JSON.stringify(count.errors));
    const history: History = { operations: [], retried: {}, incidents: [] };
    await batter(plant, history, options);
    return await judge(plant, history);
  } finally {
    await plant.stop();
  }
}

async function batter(plant: Plant, history: History, options: TortureOptions): Promise<void> {
  const random = randomOf(options.seed);
  let answers = 0;
  let incident: Promise<void> | undefined;
  await runClients({
    clients: options.clients,
    random,
    addresses: () => plant.hubs,
    history,
    goOn: () => options.goOn({ answers, incidents: history.incidents.length }),
    onAnswer: () => {
      answers += 1;
      if (answers % options.answersPerIncident !== 0) return;
      incident ??= next(plant, history, random, options).finally(() => (incident = undefined));
    },
  });
  await incident;
}

/** In turn: a hub, the sessions of the engines, PostgreSQL, so that a short run has each. */
async function next(
  plant: Plant,
  history: History,
  random: () => number,
  { log }: TortureOptions,
): Promise<void> {
  const which = Math.floor(random() * plant.hubs.length);
  const kinds: [string, () => Promise<void>][] = [
    [`hub ${which} killed`, () => plant.killHub(which)],
    ['sessions cut', () => plant.cutEngines()],
    ['PostgreSQL killed', () => plant.killPostgres()],
  ];
  const [what, happen] = kinds[history.incidents.length % kinds.length]!;
  history.incidents.push(what);
  log(`${history.operations.length} commands: ${what}`);
  await happen();
}

async function judge(plant: Plant, history: History): Promise<Verdict> {
  const movements = await plant.query<Movement>(READ_LEDGER);
  const reservations = await plant.query<Reservation>(
    `select r.id, r.state, r.reference, sum(l.reserved)::int as quantity
     from reservation r join reservation_line l on l.reservation_id = r.id group by r.id`,
  );
  const found = contradictions({ history, movements, reservations });
  const audit = (await postGraphql(plant.hubs[0]!, {
    query: '{ stockAudit { __typename consistent differences { sku place counter stored folded } } }',
  })) as Reply;
  const { consistent } = (audit.data?.['stockAudit'] ?? {}) as { consistent?: boolean };
  if (!consistent) found.push(`the audit answers ${JSON.stringify(audit)}`);
  const all = [...found, ...(await replayed(plant, history))];
  return {
    contradictions: all.length > 0 ? [...all, ...defectsIn(plant.log())] : all,
    operations: history.operations.length,
    incidents: history.incidents,
    retried: history.retried,
    reservations: reservations.length,
  };
}

/** What hubs have logged as their own defects: pino's levels from error on. */
function defectsIn(log: string): string[] {
  return log
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line))
    .slice(0, 10);
}

const AT_ONCE = 32;

/** Long after, every key still answers what it answered first. */
async function replayed(plant: Plant, history: History): Promise<string[]> {
  const operations = history.operations.filter(({ misuse }) => !misuse);
  const problems: string[] = [];
  for (let from = 0; from < operations.length; from += AT_ONCE)
    await Promise.all(
      operations.slice(from, from + AT_ONCE).map(async ({ mutation, input, replies }, index) => {
        const hub = plant.hubs[index % plant.hubs.length]!;
        const again = await postGraphql(hub, { query: documents[mutation]!, variables: { input } });
        if (JSON.stringify(again.data) !== JSON.stringify(replies[0]!.data))
          problems.push(
            `${mutation} ${input.idempotencyKey} answers ${JSON.stringify(again)} now, before ${JSON.stringify(replies[0])}`,
          );
      }),
    );
  return problems;
}
