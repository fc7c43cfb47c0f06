import type { Logger } from './log.ts';

const EVERY_MS = 10_000;

/**
 * Logs a failure that may come thousands of times a second: the first one whole, then at most one line in ten seconds,
 * with the number of those in between. So an outage is seen, and fills no disk.
 */
export class StormLog {
  private readonly storms = new Map<string, { nextAt: number; suppressed: number }>();

  constructor(
    private readonly log: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  error(fields: object, message: string): void {
    const now = this.now();
    const storm = this.storms.get(message);
    if (storm && now < storm.nextAt) {
      storm.suppressed += 1;
      return;
    }
    const suppressed = storm?.suppressed ?? 0;
    this.log.error(suppressed > 0 ? { ...fields, suppressed } : fields, message);
    this.storms.set(message, { nextAt: now + EVERY_MS, suppressed: 0 });
  }
}
