/** A message between hub processes. */
export interface Signal {
  /** The process that sends it; it has told its own listeners already. */
  origin: string;
  topic: string;
  /** Null: more than is worth naming, so anything of the topic may have changed. */
  keys: readonly string[] | null;
}

/** The payloads of a signal: as many as it takes for none to exceed `maxBytes`, unless one key alone does. */
export function writeSignal(signal: Signal, maxBytes: number): string[] {
  const whole = JSON.stringify(signal);
  const { keys } = signal;
  if (keys === null || keys.length === 1 || Buffer.byteLength(whole) <= maxBytes) return [whole];
  const middle = Math.ceil(keys.length / 2);
  return [keys.slice(0, middle), keys.slice(middle)].flatMap((half) =>
    writeSignal({ ...signal, keys: half }, maxBytes),
  );
}

/** Undefined for what no hub has sent: whoever may connect may send. */
export function readSignal(payload: string): Signal | undefined {
  try {
    const { origin, topic, keys } = JSON.parse(payload) as Record<string, unknown>;
    if (typeof origin === 'string' && typeof topic === 'string' && (keys === null || isTexts(keys)))
      return { origin, topic, keys };
  } catch {
    // no JSON, or no object
  }
  return undefined;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string');
}
