import type { RawRecord, SourceStream } from './stream.ts';

/** A push as it came over HTTP. Signatures are over the bytes of the body, before anything has parsed them. */
export interface RawPush {
  method: 'GET' | 'POST';
  /** Names in lower case. */
  headers: Readonly<Record<string, string | undefined>>;
  query: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
  receivedAt: Date;
}

/** A push's hint of what has changed. It is a hint: it may be lost, repeated, reordered or partial, and may lie. */
export interface PushHint {
  /** The source's id of the push, by which a repetition is known; null where it has none. */
  pushId: string | null;
  /** Name of the stream. */
  stream: string;
  /** Ids of the records that may have changed; empty: read the stream on from its cursor. */
  recordIds: readonly string[];
  /**
   * The records themselves, of a source where nothing can be read back: they are kept before the push is answered, and taken
   * in as they came. The signature is all that vouches for them.
   */
  records?: readonly RawRecord[];
}

/** The answer that the source expects; some need a word, or an echo that proves the address. */
export interface PushAnswer {
  hints: readonly PushHint[];
  reply?: { status: number; contentType: string; body: string };
}

/** A push that is not the source's, or too old. `message` names what was wrong, never the secret. */
export class PushRefused extends Error {
  override readonly name = 'PushRefused';
}

export interface Webhook<Stream extends SourceStream = SourceStream> {
  /**
   * Verifies a push and says what it hints at; asks nobody, since sources wait for the answer.
   * @throws PushRefused where the signature or the time is not right
   */
  receive(push: RawPush): Promise<PushAnswer>;
  /** The records as they are now, in no order; those that are gone are left out. */
  readBack(stream: Stream, recordIds: readonly string[], signal: AbortSignal): Promise<RawRecord[]>;
}
