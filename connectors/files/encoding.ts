import { isAscii, isUtf8 } from 'node:buffer';

/** Names iconv-lite knows. */
export type Encoding = 'utf8' | 'gb18030' | 'utf16le' | 'utf16be';

const NEWLINE = 0x0a;
/** How much of a line has a say, in bytes: a file without line ends must not fill the memory. */
const MAX_LINE_BYTES = 1_000_000;
/** Votes of a whole valid chunk; one invalid line must not outweigh the rest of the file. */
const VOTES_OF_A_VALID_CHUNK = 100;

/**
 * Detects the encoding of a text file from its bytes: a byte order mark decides; else the lines vote. A GB18030 line
 * with Chinese is almost never valid UTF-8, so a UTF-8 file with one damaged line stays UTF-8.
 */
export class EncodingDetector {
  #first = true;
  #byMark: Encoding | undefined;
  /** The line whose end is still to come. */
  #rest: Buffer = Buffer.alloc(0);
  /** In the middle of a line that has had its say. */
  #skipping = false;
  #utf8Votes = 0;
  #otherVotes = 0;

  see(chunk: Buffer): void {
    if (this.#first) this.#byMark = byteOrderMark(chunk);
    this.#first = false;
    if (this.#byMark) return;
    const bytes = this.#skipping ? afterLineEnd(chunk) : chunk;
    if (bytes.length > 0) this.#seeLines(bytes);
  }

  #seeLines(bytes: Buffer): void {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      this.#vote(Buffer.concat([this.#rest, bytes.subarray(0, end)]));
      this.#rest = bytes.subarray(end);
    } else {
      this.#rest = Buffer.concat([this.#rest, bytes]);
    }
    this.#skipping = this.#rest.length > MAX_LINE_BYTES;
    if (!this.#skipping) return;
    this.#vote(upToAscii(this.#rest)); // it is cut where a character is sure to end
    this.#rest = Buffer.alloc(0);
  }

  encoding(): Encoding {
    if (this.#byMark) return this.#byMark;
    this.#vote(this.#rest);
    return this.#otherVotes > this.#utf8Votes ? 'gb18030' : 'utf8';
  }

  #vote(bytes: Buffer): void {
    if (isAscii(bytes)) return;
    if (isUtf8(bytes)) {
      this.#utf8Votes += VOTES_OF_A_VALID_CHUNK;
      return;
    }
    for (const line of linesOf(bytes)) {
      if (isAscii(line)) continue;
      if (isUtf8(line)) this.#utf8Votes += 1;
      else this.#otherVotes += 1;
    }
  }
}

function afterLineEnd(bytes: Buffer): Buffer {
  const newline = bytes.indexOf(NEWLINE);
  return bytes.subarray(newline === -1 ? bytes.length : newline + 1);
}

function upToAscii(bytes: Buffer): Buffer {
  const last = bytes.findLastIndex((byte) => byte < 0x80);
  return last === -1 ? bytes : bytes.subarray(0, last + 1);
}

function byteOrderMark(bytes: Buffer): Encoding | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf16be' : undefined;
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    yield bytes.subarray(start, end);
    start = end + 1;
  }
}
