import { randomUUID } from 'node:crypto';
import type { EntityManager } from '../platform/database/database.ts';
import type { Job } from '../platform/jobs/job.ts';
import type { Logger } from '../platform/process/log.ts';
import type { SecretBox } from '../platform/process/secret-box.ts';
import {
  claimDue,
  storeDeliveryResults,
  type ClaimedDelivery,
  type DeliveryResult,
} from './delivery-store.ts';
import type { EndpointRegistry } from './endpoint-registry.ts';
import { syncTriggers } from './event-triggers.ts';
import { deliveryRetryDecision, type Attempt } from './http/retry-policy.ts';
import type { WebhookHttpClient } from './http/webhook-http-client.ts';
import { purposeOf, requireBox } from './signing-secret.ts';

/** Other processes write events too, and retries fall due. */
const LOOK_MS = 250;
/** Longer than an attempt can take. */
const LEASE_SECONDS = 60;
const RETRY_MS = 1_000;

/**
 * Sends what is due, and writes down what has come of it. At least once: a process that is killed between the two leaves
 * a lease that ends, and the event is sent again, under the same id. All processes do it, by row locks.
 */
export class Dispatcher implements Job {
  /** Of this process: what another one has claimed since is not ours to settle. */
  private readonly lease = randomUUID();
  private readonly busy = new Map<string, number>();
  private readonly sending = new Set<Promise<void>>();
  private results: DeliveryResult[] = [];
  private settling: Promise<void> | undefined;
  private stopped = false;
  readonly name = 'webhook-deliveries';
  readonly everyMs = LOOK_MS;
  readonly scope = 'PROCESS';
  readonly followsRequests = true;

  constructor(
    private readonly em: EntityManager,
    private readonly endpoints: EndpointRegistry,
    private readonly sender: WebhookHttpClient,
    private readonly box: SecretBox | undefined,
    private readonly log: Logger,
    /** Has the job run now. */
    private readonly wake: () => void,
  ) {}

  /** Without endpoints it costs nothing. */
  isWanted(): boolean {
    return this.endpoints.enabled.length > 0;
  }

  /** Lets what is being sent end, and stores it; after the job has been stopped. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.sending);
    await this.settling;
    this.sender.close();
  }

  /** Begins to send what is due. */
  async run(): Promise<void> {
    const busy = new Map(this.endpoints.enabled.map(({ id }) => [id, this.busy.get(id) ?? 0]));
    const leasing = { lease: this.lease, leaseSeconds: LEASE_SECONDS };
    const claimed = await claimDue(this.em.fork(), busy, leasing);
    for (const delivery of claimed) this.begin(delivery);
  }

  private begin(delivery: ClaimedDelivery): void {
    const { endpointId } = delivery;
    this.busy.set(endpointId, (this.busy.get(endpointId) ?? 0) + 1);
    const sending = this.carryOut(delivery);
    this.sending.add(sending);
    void sending.finally(() => this.sending.delete(sending));
  }

  private async carryOut(delivery: ClaimedDelivery): Promise<void> {
    const { endpointId } = delivery;
    const attempt = await this.attempt(delivery);
    this.busy.set(endpointId, this.busy.get(endpointId)! - 1);
    this.take(delivery, attempt);
  }

  private async attempt({
    id,
    endpointId,
    url,
    payload,
    secret,
    previousSecret,
  }: ClaimedDelivery): Promise<Attempt> {
    let secrets: string[];
    try {
      const box = requireBox(this.box);
      const sealed = previousSecret === null ? [secret] : [secret, previousSecret];
      secrets = sealed.map((text) => box.open(text, purposeOf(endpointId)));
    } catch (error) {
      this.log.error(
        { err: error, endpoint: endpointId },
        'the signing secret of a webhook cannot be opened',
      );
      return { status: null, error: 'the signing secret cannot be opened', retryAfterMs: null };
    }
    return this.sender.send({ id, url, payload, secrets });
  }

  private take(delivery: ClaimedDelivery, attempt: Attempt): void {
    const { position, endpointId, attempts, ageMs } = delivery;
    const failures = delivery.failures + 1;
    const verdict = deliveryRetryDecision(attempt, { attempts, ageMs, failures }, Math.random());
    if (verdict.outcome === 'DEAD')
      this.log.warn(
        { endpoint: endpointId, delivery: delivery.id },
        'a webhook was given up; it is a dead letter',
      );
    this.results.push({ ...verdict, position, endpointId, status: attempt.status, error: attempt.error });
    this.settling ??= this.settle();
  }

  /** One statement for all that has gathered while the last one was under way. */
  private async settle(): Promise<void> {
    await Promise.resolve();
    while (this.results.length > 0) {
      const results = this.results;
      this.results = [];
      try {
        await storeDeliveryResults(this.em, this.lease, results);
        const gone = results.filter(({ outcome }) => outcome === 'GONE');
        if (gone.length > 0) await this.leave(new Set(gone.map(({ endpointId }) => endpointId)));
      } catch (error) {
        this.log.warn({ err: error }, 'failed to store webhook delivery results, will retry');
        if (this.stopped) break; // they are sent again when their lease has ended
        this.results.unshift(...results);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
      }
      this.wake(); // the next events of the same keys may go
    }
    this.settling = undefined;
  }

  /** They were disabled with the result; nobody may want some of their events any more. */
  private async leave(endpointIds: ReadonlySet<string>): Promise<void> {
    for (const endpoint of endpointIds) {
      this.log.warn({ endpoint }, 'a webhook endpoint is gone and was disabled');
      this.endpoints.publish(endpoint);
    }
    await syncTriggers(this.em).catch((error: unknown) =>
      this.log.warn({ err: error }, 'triggers that nobody needs any more could not be dropped'),
    );
  }
}
