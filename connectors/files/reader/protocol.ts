import type { RawRecord, Reject } from '../../spi/stream.ts';
import type { StreamMapping } from '../../spi/mapping.ts';
import type { Encoding } from '../encoding.ts';

/** What the hub asks of the reader process. One question at a time. */
export type ReaderRequest =
  | { kind: 'scan'; file: string }
  | ({ kind: 'read' } & ReadRequest)
  /** The next page of the file that is being read. */
  | { kind: 'next' };

/** What is needed to read the records of a file. */
export interface ReadRequest {
  /** Path. */
  file: string;
  /** For origins. */
  name: string;
  encoding: Encoding;
  /** Tells this state of the file from the next. */
  version: string;
  mapping: Pick<StreamMapping, 'id' | 'groupRows'>;
}

/** What a look through all bytes of a file finds. */
export interface FileScan {
  /** SHA-256 of the content, in hexadecimal. */
  digest: string;
  encoding: Encoding;
}

/** A piece of a file's content. */
export interface FilePage {
  records: RawRecord[];
  rejects: Reject[];
}

/** What the reader process says. `progress` may come any number of times before an answer. */
export type ReaderReply =
  | { kind: 'ready' }
  | { kind: 'progress' }
  | ({ kind: 'scanned' } & FileScan)
  | ({ kind: 'page' } & FilePage)
  /** The file has no more pages. */
  | { kind: 'end' }
  | { kind: 'failed'; failure: ReaderFailure };

/** `system`: the file cannot be reached now. `defect`: the reader itself failed. */
export interface ReaderFailure {
  kind: 'system' | 'defect';
  message: string;
}
