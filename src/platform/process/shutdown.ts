import type { Logger } from './log.ts';

/** Ends what was started, in the reverse order. */
export class Shutdown {
  private readonly ends: { what: string; end: () => Promise<void> | void }[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly log: Logger) {}

  onStop(what: string, end: () => Promise<void> | void): void {
    this.ends.push({ what, end });
  }

  /**
   * Ends everything, once. What fails is logged and does not keep the rest from ending.
   * @throws Error naming what has failed, or what still hangs after `withinMs`
   */
  stop(withinMs: number): Promise<void> {
    this.running ??= this.endAll(withinMs);
    return this.running;
  }

  private async endAll(withinMs: number): Promise<void> {
    const failed: string[] = [];
    const ends = this.ends.splice(0).toReversed();
    let at = '';
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`${at} did not end within ${withinMs / 1000} s`)), withinMs);
    });
    const inOrder = async () => {
      for (const { what, end } of ends) {
        at = what;
        try {
          await end();
        } catch (error) {
          this.log.error({ err: error, what }, 'a part did not end cleanly');
          failed.push(what);
        }
      }
    };
    try {
      await Promise.race([inOrder(), deadline]);
    } finally {
      clearTimeout(timer);
    }
    if (failed.length > 0) throw new Error(`did not end cleanly: ${failed.join(', ')}`);
  }
}
