import { MAX_CELL_CHARS, overLimit } from './limits.ts';

/**
 * Gathers the text of a string item: the texts of its runs, without the phonetic guides that stand above them.
 */
export class StringText {
  #text = '';
  #inText = false;
  #guides = 0;

  clear(): void {
    this.#text = '';
    this.#inText = false;
    this.#guides = 0;
  }

  open(name: string): void {
    if (name === 'rPh') this.#guides += 1;
    else if (name === 't') this.#inText = this.#guides === 0;
  }

  text(text: string): void {
    if (this.#inText) this.#text = appended(this.#text, text);
  }

  close(name: string): void {
    if (name === 'rPh') this.#guides -= 1;
    else if (name === 't') this.#inText = false;
  }

  value(): string {
    return unescaped(this.#text);
  }
}

/** @throws UnreadableFile for a cell that is longer than a spreadsheet program allows */
export function appended(text: string, more: string): string {
  if (text.length + more.length > MAX_CELL_CHARS * 7) throw tooLong(text.length + more.length);
  return text + more;
}

/** The text with `_x000D_` and the like, which stand for characters that XML cannot hold, put back. */
export function unescaped(text: string): string {
  const plain = text.includes('_x')
    ? text.replaceAll(/_x([0-9a-f]{4})_/gi, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 16)),
      )
    : text;
  if (plain.length > MAX_CELL_CHARS) throw tooLong(plain.length);
  return plain;
}

const tooLong = (chars: number) =>
  overLimit(`a cell of ${chars} characters; at most ${MAX_CELL_CHARS} are read`);
