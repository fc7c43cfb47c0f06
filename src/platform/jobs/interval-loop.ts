/** Work that is done again and again, one at a time: a turn that is still under way when the next is due is that turn. */
export class IntervalLoop {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  /** @param work must not reject: what fails is its own to log */
  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
  ) {}

  /** The first turn comes after one interval; nothing of it keeps the process alive. */
  start(): void {
    this.timer = setInterval(() => {
      this.working ??= this.work().finally(() => (this.working = undefined));
    }, this.everyMs).unref();
  }

  /** No further turn begins; the one under way ends first. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }
}
