import type { AtpFeed } from '../inventory/index.ts';
import type { EntityManager } from '../platform/database/database.ts';
import { LeaderElection } from '../platform/jobs/leader-election.ts';
import type { Logger } from '../platform/process/log.ts';
import type { EndpointRegistry } from './endpoint-registry.ts';
import type { EndpointRow } from './endpoint-store.ts';
import { AtpEventWriter } from './atp-event-writer.ts';

interface Telling {
  /** The settings it depends on; another one needs another teller. */
  settings: string;
  teller: AtpEventWriter;
}

/** The tellers of all endpoints that want promises; in one of the hub's processes at a time. */
export class AtpEventWriters {
  private readonly tellings = new Map<string, Telling>();
  private readonly election: LeaderElection;
  private arranging: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly endpoints: EndpointRegistry,
    private readonly parts: { em: EntityManager; databaseUrl: string; feed: AtpFeed; log: Logger },
    private readonly onEvents: () => void,
  ) {
    this.election = new LeaderElection(
      parts.databaseUrl,
      'webhooks: promises',
      () => endpoints.hasSubscribers('atp.changed'),
      parts.log,
      () => this.reconcile(),
    );
  }

  start(): void {
    this.election.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.reconcile();
    await this.arranging;
    await this.election.stop();
  }

  /** Called when endpoints have changed. @param restarted those that begin anew from what they were told last */
  reconcile(restarted: ReadonlySet<string> = new Set()): void {
    this.arranging = this.arranging
      .then(() => this.rearrange(restarted))
      .catch((error: unknown) =>
        this.parts.log.error({ err: error }, 'the tellers of promises met a defect'),
      );
  }

  private async rearrange(restarted: ReadonlySet<string>): Promise<void> {
    const wanted =
      this.election.isLeader && !this.stopped
        ? this.endpoints.enabled.filter(({ eventTypes }) => eventTypes.includes('atp.changed'))
        : [];
    const byId = new Map(wanted.map((endpoint) => [endpoint.id, endpoint]));
    for (const [id, { teller, settings }] of this.tellings) {
      const endpoint = byId.get(id);
      if (endpoint && settings === settingsOf(endpoint) && !restarted.has(id)) continue;
      this.tellings.delete(id);
      await teller.stop();
    }
    const { em, feed, log } = this.parts;
    for (const endpoint of wanted)
      if (!this.tellings.has(endpoint.id))
        this.tellings.set(endpoint.id, {
          settings: settingsOf(endpoint),
          teller: new AtpEventWriter(endpoint, em, feed, log, this.onEvents),
        });
  }
}

function settingsOf({ skus, channels }: EndpointRow): string {
  return JSON.stringify([skus, channels]);
}
