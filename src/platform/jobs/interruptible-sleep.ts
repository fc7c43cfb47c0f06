/** A wait that can be cut short. What rings while nobody waits is not kept. */
export class Alarm {
  private wake: (() => void) | undefined;

  /** Resolves after `ms`, or when the alarm is rung; nothing of it keeps the process alive. */
  async wait(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms).unref();
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = undefined;
  }

  ring(): void {
    this.wake?.();
  }
}
