import type { RawRecord, Reject } from '../../spi/stream.ts';
import type { StreamMapping } from '../../spi/mapping.ts';
import type { Encoding } from '../encoding.ts';

/** A request of the hub to the reader process. One question at a time. */
export type ReaderRequest =
  | { kind: 'scan'; file: string }
  | ({ kind: 'read' } & ReadRequest)
  /** The next page of the file that is being read. */
  | { kind: 'next' };

/** The inputs for reading the records of a file. */
export interface ReadRequest {
  /** Path. */
  file: string;
  /** For origins. */
  name: string;
  encoding: Encoding;
  /** Identifies this state of the file among others. */
  version: string;
  mapping: Pick<StreamMapping, 'id' | 'groupRows'>;
}

/** The result of a scan through all bytes of a file. */
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

/** A reply of the reader process. `progress` may come any number of times before an answer. */
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
