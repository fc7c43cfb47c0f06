import type { ChangeBus } from '../platform/bus/change-bus.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { Logger } from '../platform/process/log.ts';
import { IntervalLoop } from '../platform/jobs/interval-loop.ts';
import { readEndpoints, type EndpointRow } from './endpoint-store.ts';

const TOPIC = 'webhooks';
/** The longest delay, in ms, until a change by another process is seen while the bus is cut. */
const LOOK_MS = 5_000;

/** The endpoints as this process knows them, so that without any there is nothing to do. */
export class EndpointRegistry {
  private enabledOnes: readonly EndpointRow[] = [];
  private readonly turns = new IntervalLoop(LOOK_MS, () => this.look());
  private readonly unsubscribe: () => void;
  private onChange: (restarted: ReadonlySet<string>) => void = () => undefined;

  constructor(
    private readonly em: EntityManager,
    private readonly bus: ChangeBus,
    private readonly log: Logger,
  ) {
    this.unsubscribe = bus.subscribe(
      TOPIC,
      (ids) => void this.look(new Set(ids)),
      () => void this.look(),
    );
  }

  /** @param onChange told after each look; with the endpoints whose promises are to be told anew */
  async start(onChange: (restarted: ReadonlySet<string>) => void): Promise<void> {
    this.onChange = onChange;
    await this.look();
    this.turns.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    this.onChange = () => undefined;
    await this.turns.stop();
  }

  get enabled(): readonly EndpointRow[] {
    return this.enabledOnes;
  }

  hasSubscribers(type: string): boolean {
    return this.enabledOnes.some(({ eventTypes }) => eventTypes.includes(type));
  }

  /** Publishes the change to all processes; called after the commit. */
  publish(id: string): void {
    this.bus.publish(TOPIC, [id]);
  }

  private async look(changed: ReadonlySet<string> = new Set()): Promise<void> {
    try {
      this.enabledOnes = (await readEndpoints(this.em.fork())).filter(({ enabled }) => enabled);
      this.onChange(changed);
    } catch (error) {
      this.log.warn({ err: error }, 'the webhook endpoints could not be read; they are read again');
    }
  }
}
