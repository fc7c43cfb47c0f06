import { MAX_SHARED_STRINGS, MAX_SHARED_TEXT_BYTES, megabytes, overLimit } from './limits.ts';
import { StringText } from './string-text.ts';
import { parseXml } from './xml-parser.ts';

const BLOCK_BYTES = 1 << 20;
const LENGTH_BYTES = 4;

/** Texts by number, as bytes in a few blocks: a JavaScript string each would take several times the memory. */
export class SharedStrings {
  #blocks: Buffer[] = [];
  #used = BLOCK_BYTES;
  #positions = new Uint32Array(1024);
  #count = 0;

  /** @throws UnreadableFile when there are too many, or they are too long in all */
  push(text: string): void {
    const length = Buffer.byteLength(text);
    if (this.#used + LENGTH_BYTES + length > BLOCK_BYTES) this.#addBlock();
    const block = this.#blocks.at(-1)!;
    this.#addPosition((this.#blocks.length - 1) * BLOCK_BYTES + this.#used);
    block.writeUInt32LE(length, this.#used);
    block.write(text, this.#used + LENGTH_BYTES);
    this.#used += LENGTH_BYTES + length;
  }

  /** Undefined for a number that names none. */
  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    const position = this.#positions[index]!;
    const block = this.#blocks[Math.floor(position / BLOCK_BYTES)]!;
    const start = position % BLOCK_BYTES;
    return block.toString('utf8', start + LENGTH_BYTES, start + LENGTH_BYTES + block.readUInt32LE(start));
  }

  #addBlock(): void {
    if (this.#blocks.length * BLOCK_BYTES >= MAX_SHARED_TEXT_BYTES) {
      throw overLimit(`more than ${megabytes(MAX_SHARED_TEXT_BYTES)} of different texts`);
    }
    this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
    this.#used = 0;
  }

  #addPosition(position: number): void {
    if (this.#count >= MAX_SHARED_STRINGS) throw overLimit(`more than ${MAX_SHARED_STRINGS} different texts`);
    if (this.#count === this.#positions.length) {
      const larger = new Uint32Array(this.#positions.length * 2);
      larger.set(this.#positions);
      this.#positions = larger;
    }
    this.#positions[this.#count] = position;
    this.#count += 1;
  }
}

/** The shared strings of a workbook: rich text as its plain text. */
export async function readSharedStrings(part: string, texts: AsyncIterable<string>): Promise<SharedStrings> {
  const strings = new SharedStrings();
  const item = new StringText();
  await parseXml(part, texts, {
    open(name) {
      if (name === 'si') item.clear();
      else item.open(name);
    },
    text: (text) => item.text(text),
    close(name) {
      if (name === 'si') strings.push(item.value().trim());
      else item.close(name);
    },
  });
  return strings;
}
