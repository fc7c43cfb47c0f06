/** A token that a platform gives for the credentials of an app. */
export interface GivenToken {
  value: string;
  expiresInMs: number;
}

/** Before a token ends another one is asked for: calls that are under way should not meet its end. */
const MARGIN_MS = 60_000;
/** One that is refused although it is newer than this will not be mended by another one. */
const NEW_MS = 60_000;

interface KeptToken extends GivenToken {
  /** When it was given. */
  from: number;
}

/** A token that a platform gives for a while, asked for when it is needed and kept until shortly before its end. */
export class ExpiringToken {
  private kept: Promise<KeptToken> | undefined;

  constructor(private readonly ask: (signal: AbortSignal) => Promise<GivenToken>) {}

  /** @throws whatever `ask` throws */
  async value(signal: AbortSignal): Promise<string> {
    const kept = this.kept;
    const known = await kept;
    if (known && Date.now() <= known.from + known.expiresInMs - MARGIN_MS) return known.value;
    // Of those who found it missing together, the first asks.
    const next = this.kept && this.kept !== kept ? this.kept : this.askAnew(signal);
    return (await next).value;
  }

  /** The platform does not take a token any more. @returns whether another one may help: it was not new */
  async refused(value: string): Promise<boolean> {
    const known = await this.kept;
    if (known?.value !== value) return true; // another call has noticed already
    this.kept = undefined;
    return Date.now() > known.from + NEW_MS;
  }

  private askAnew(signal: AbortSignal): Promise<KeptToken> {
    const asked = this.ask(signal).then((given) => ({ ...given, from: Date.now() }));
    this.kept = asked;
    asked.catch(() => {
      if (this.kept === asked) this.kept = undefined;
    });
    return asked;
  }
}
