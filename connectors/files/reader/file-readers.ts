import { FileReader } from './file-reader.ts';

/** How long a reader process without work is kept for the next file, in milliseconds. */
const IDLE_MS = 1_000;

/** Reader processes of a source: one is kept for a moment between files and streams, none while nothing is read. */
export class FileReaders {
  #waiting: FileReader | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #make: () => FileReader;

  /** @param make makes a reader; tests have ones with other deadlines */
  constructor(make: () => FileReader = () => new FileReader()) {
    this.#make = make;
  }

  /** A reader that nobody else uses until it is released. */
  acquire(): FileReader {
    const reader = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    return reader?.idle ? reader : this.#make();
  }

  /** Gives a reader back. One that is in the middle of a file, or has ended, is of no more use. */
  release(reader: FileReader): void {
    if (!reader.idle || this.#waiting) {
      reader.kill();
      return;
    }
    this.#waiting = reader;
    this.#timer = setTimeout(() => this.close(), IDLE_MS).unref();
  }

  /** Ends the reader that waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting?.kill();
    this.#waiting = undefined;
  }
}
