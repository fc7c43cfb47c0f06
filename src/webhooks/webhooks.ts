import type { AtpFeed } from '../inventory/index.ts';
import type { ChangeBus } from '../platform/bus/change-bus.ts';
import type { EntityManager } from '../platform/database/database.ts';
import type { Job } from '../platform/jobs/job.ts';
import type { Logger } from '../platform/process/log.ts';
import type { SecretBox } from '../platform/process/secret-box.ts';
import { Dispatcher } from './dispatcher.ts';
import { EndpointRegistry } from './endpoint-registry.ts';
import { AtpEventWriters } from './atp-event-writers.ts';
import { WebhookHttpClient } from './http/webhook-http-client.ts';
import type { TargetPolicy } from './http/ssrf-guard.ts';
import { WebhooksResolver } from './webhooks.resolver.ts';

/** Events for partners without sockets: what is to be told, and its telling. */
export class Webhooks {
  readonly resolver: WebhooksResolver;
  private readonly endpoints: EndpointRegistry;
  private readonly dispatcher: Dispatcher;
  private readonly tellers: AtpEventWriters;

  /** Events may have been written: they are sent at once instead of at the next look. */
  readonly nudge: () => void;
  private readonly isSending: boolean;

  constructor(parts: {
    em: EntityManager;
    databaseUrl: string;
    bus: ChangeBus;
    feed: AtpFeed;
    /** Undefined: this hub can neither make endpoints nor sign. */
    box: SecretBox | undefined;
    targets: TargetPolicy;
    /** Whether this process sends them; what is to be sent is stored by whoever changes it. */
    isSending: boolean;
    /** Has a job run now. */
    wakeJob: (name: string) => void;
    log: Logger;
  }) {
    const { em, bus, box, targets, log } = parts;
    this.isSending = parts.isSending;
    this.nudge = () => parts.wakeJob(this.dispatcher.name);
    const wake = this.nudge;
    this.endpoints = new EndpointRegistry(em, bus, log);
    this.dispatcher = new Dispatcher(em, this.endpoints, new WebhookHttpClient(targets), box, log, wake);
    this.tellers = new AtpEventWriters(this.endpoints, parts, wake);
    this.resolver = new WebhooksResolver(this.endpoints, box, targets, wake);
  }

  async start(): Promise<void> {
    await this.endpoints.start((restarted) => {
      if (!this.isSending) return;
      this.tellers.reconcile(restarted);
      this.nudge();
    });
    if (!this.isSending) return;
    this.tellers.start();
  }

  async stop(): Promise<void> {
    await this.endpoints.stop();
    await this.tellers.stop();
    await this.dispatcher.stop();
  }

  /** The sending; none where this process does not send. */
  get jobs(): Job[] {
    return this.isSending ? [this.dispatcher] : [];
  }

  /** Whether an endpoint of any partner wants this event. */
  hasSubscribers(type: string): boolean {
    return this.endpoints.hasSubscribers(type);
  }
}
