import { HubError } from '../../platform/errors.ts';
import { turns } from '../../platform/process/event-loop-turns.ts';

/** Limits of one execution. */
export interface ExecutionLimits {
  /** Objects of the answer. */
  objects: number;
  /** Bytes of the answer, about. */
  bytes: number;
  /** Time from its start. */
  milliseconds: number;
}

/** An execution of fewer objects is over before anybody would miss their turn. */
const SMALL = 50;

const NO_LIMITS: ExecutionLimits = { objects: Infinity, bytes: Infinity, milliseconds: Infinity };

/** Counts what one execution takes, and ends it when that is too much or nobody waits for it any more. */
export class ExecutionGuard {
  /** Set: the execution has ended, and nothing of it is to go on. */
  ended: Error | undefined;
  private objects = 0;
  private bytes = 0;
  private readonly until: number;

  /** @param isGone whether the client has left */
  constructor(
    private readonly limits: ExecutionLimits = NO_LIMITS,
    private readonly isGone?: () => boolean,
  ) {
    this.until = limits.milliseconds === Infinity ? Infinity : performance.now() + limits.milliseconds;
  }

  /** Whether it has made so much already that others should have their turn before it goes on. */
  get shouldYield(): boolean {
    return this.objects >= SMALL && turns.isOver();
  }

  /** @throws HubError QUERY_TOO_COMPLEX */
  countObject(nameBytes: number): void {
    this.objects += 1;
    this.countBytes(nameBytes);
    if (this.objects > this.limits.objects)
      this.end(tooLarge(`has more than ${this.limits.objects} objects`, { objects: this.limits.objects }));
  }

  /** @throws HubError QUERY_TOO_COMPLEX */
  countBytes(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.limits.bytes) this.end(answerTooLong(this.limits.bytes));
  }

  /**
   * Checks whether an execution may go on, wherever it does so after others had their turn.
   * @throws HubError OPERATION_TIMED_OUT; ClientGone
   */
  check(): void {
    if (this.ended) throw this.ended;
    if (performance.now() > this.until)
      this.end(
        new HubError(
          'OPERATION_TIMED_OUT',
          `The operation took longer than ${this.limits.milliseconds / 1000} seconds and was ended; ask for less, or repeat a command with the same key.`,
        ),
      );
    if (this.isGone?.()) this.end(new ClientGone());
  }

  private end(why: Error): never {
    this.ended = why;
    throw why;
  }
}

/** Ends the execution for a client that has left; nobody sees it. */
class ClientGone extends HubError {
  constructor() {
    super('OPERATION_TIMED_OUT', 'The client has left.');
  }
}

/** The refusal of an answer of more bytes than one may have. */
export function answerTooLong(bytes: number): HubError {
  return tooLarge(`is longer than ${bytes} bytes`, { bytes });
}

function tooLarge(how: string, limit: Record<string, number>): HubError {
  return new HubError('QUERY_TOO_COMPLEX', `The answer ${how}; ask for fewer SKUs, days or rows at once.`, {
    ...limit,
    http: { status: 400 },
  });
}
