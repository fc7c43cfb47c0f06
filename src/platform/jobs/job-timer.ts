/** The clock and the timers that jobs run by. */
export interface JobTimer {
  now(): Date;
  /** Calls back once, unless it is cancelled. Does not keep the process alive. @returns cancels it */
  after(ms: number, callBack: () => void): () => void;
  /** 0 to 1. */
  random(): number;
}

export const systemTimer: JobTimer = {
  now: () => new Date(),
  after(ms, callBack) {
    const timer = setTimeout(callBack, ms).unref();
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
