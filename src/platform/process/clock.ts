/** The time of code outside SQL; SQL reads `hub_now()`. Injected, so that tests can set it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };
