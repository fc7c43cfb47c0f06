import pg from 'pg';
import type { Logger } from '../process/log.ts';
import { sessionSettings } from '../database/session-settings.ts';
import { endConnection, endWhenSilent } from '../database/silent-connections.ts';
import { IntervalLoop } from './interval-loop.ts';
import { currentAddress } from '../database/primary-host.ts';

const TRY_MS = 1_000;
/** A session that is silent for longer is given up, and with it the leadership, in ms. */
const ANSWER_WITHIN_MS = 3_000;

/**
 * One of several processes does something, and another one when it has gone: whoever holds the advisory lock, which
 * PostgreSQL gives back with the session. For a moment two may believe it is them (a connection that is lost unnoticed),
 * so what they do must bear that.
 */
export class LeaderElection {
  private readonly turns = new IntervalLoop(TRY_MS, () => this.run());
  private client: pg.Client | undefined;
  private held = false;

  /** @param isCandidate whether this process wants to be elected at the moment; without, it needs no connection */
  constructor(
    private readonly databaseUrl: string,
    private readonly name: string,
    private readonly isCandidate: () => boolean,
    private readonly log: Logger,
    /** Called when this process has become the leader, or is it no more. */
    private readonly onChange: () => void,
  ) {}

  start(): void {
    this.turns.start();
  }

  async stop(): Promise<void> {
    await this.turns.stop();
    await this.leave();
  }

  get isLeader(): boolean {
    return this.held;
  }

  private async run(): Promise<void> {
    if (!this.isCandidate()) return this.leave();
    try {
      const client = (this.client ??= await this.connect());
      // A leader whose session was lost unnoticed must learn of it: another one may have been elected.
      if (this.held) return void (await client.query('select'));
      const { rows } = await client.query<{ held: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
        [this.name],
      );
      this.become(rows[0]!.held && this.client === client);
    } catch (error) {
      this.log.debug({ err: error }, 'an election could not be held; it is tried again');
      await this.leave();
    }
  }

  private become(held: boolean): void {
    if (this.held === held) return;
    this.held = held;
    this.onChange();
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: currentAddress(this.databaseUrl),
      application_name: 'orderweave election',
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
      ...sessionSettings({ lockMs: 0, statementMs: ANSWER_WITHIN_MS, idleInTransactionMs: 0 }),
    });
    endWhenSilent(client, this.databaseUrl, ANSWER_WITHIN_MS);
    client.on('error', () => undefined); // 'end' follows
    client.once('end', () => {
      if (this.client !== client) return;
      this.client = undefined;
      this.become(false);
    });
    await client.connect();
    return client;
  }

  private async leave(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    this.become(false);
    if (client) await endConnection(client);
  }
}
