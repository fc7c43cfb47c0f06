/** A sleep that can be cut short. Waking it while nobody sleeps has no effect. */
export class InterruptibleSleep {
  private cutShort: (() => void) | undefined;

  /** Resolves after `ms`, or when it is woken. Does not keep the process alive. */
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.cutShort = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.cutShort = undefined;
  }

  wake(): void {
    this.cutShort?.();
  }
}
