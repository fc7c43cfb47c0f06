import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { UnreadableFile } from '../table.ts';
import { MAX_ENTRIES, MAX_UNPACKED_BYTES, megabytes, overLimit } from './limits.ts';

/**
 * A zip archive whose entries are unpacked piece by piece. What an entry says of its size is compared with the ceilings
 * before anything is unpacked; that the size is true is checked while unpacking.
 */
export class ZipArchive {
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Sizes of the entries that were opened, by name. */
  readonly #opened = new Map<string, number>();

  private constructor(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#zip = zip;
    this.#entries = entries;
  }

  /** @throws UnreadableFile when the file is no zip archive, is cut off, or has too many entries */
  static async open(file: string): Promise<ZipArchive> {
    // Names are decoded here: some programs write a leading slash, which yauzl refuses because of unpacking to disk.
    const zip = await openPromise(file, { autoClose: false, decodeStrings: false }).catch(damaged);
    try {
      if (zip.entryCount > MAX_ENTRIES) {
        throw overLimit(`${zip.entryCount} files in its zip archive; at most ${MAX_ENTRIES} are read`);
      }
      return new ZipArchive(zip, await readEntries(zip));
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.#entries.has(entryKey(name));
  }

  /**
   * The unpacked bytes of an entry.
   * @throws UnreadableFile when it is missing, encrypted, damaged, or larger than `maxBytes`
   */
  async *read(name: string, maxBytes: number): AsyncGenerator<Buffer> {
    const entry = this.#entries.get(entryKey(name));
    if (!entry) throw new UnreadableFile(`is a zip archive without ${name}, so it is no Excel workbook`);
    if (entry.isEncrypted()) {
      throw new UnreadableFile('is protected by a password; save it as .xlsx without a password');
    }
    this.#checkSize(name, entry.uncompressedSize, maxBytes);
    try {
      const stream = await this.#zip.openReadStreamPromise(entry);
      let bytes = 0;
      for await (const chunk of stream) {
        bytes += (chunk as Buffer).length;
        // yauzl stops at the size that the entry names; this holds should it ever not.
        if (bytes > maxBytes) throw overLimit(`more than ${megabytes(maxBytes)} in ${name}`);
        yield chunk as Buffer;
      }
    } catch (error) {
      damaged(error);
    }
  }

  close(): void {
    this.#zip.close();
  }

  #checkSize(name: string, bytes: number, maxBytes: number): void {
    if (bytes > maxBytes) {
      throw overLimit(
        `${megabytes(bytes)} in ${name} when unpacked; at most ${megabytes(maxBytes)} are read`,
      );
    }
    this.#opened.set(name, bytes);
    const inAll = [...this.#opened.values()].reduce((sum, size) => sum + size, 0);
    if (inAll > MAX_UNPACKED_BYTES) {
      throw overLimit(
        `more than ${megabytes(MAX_UNPACKED_BYTES)} when unpacked; at most ${megabytes(MAX_UNPACKED_BYTES)} are read`,
      );
    }
  }
}

async function readEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) {
      // Without `decodeStrings`, names are bytes, whatever the types say.
      entries.set(entryKey((entry.fileName as unknown as Buffer).toString()), entry);
      if (entries.size > MAX_ENTRIES) {
        throw overLimit(`more than ${MAX_ENTRIES} files in its zip archive`);
      }
    }
  } catch (error) {
    damaged(error);
  }
  return entries;
}

/** Names of parts ignore case, and programs disagree about slashes. */
function entryKey(name: string): string {
  return name.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}

/** A failure of the disk stays one; any other is the file's. */
function damaged(error: unknown): never {
  const { errno, code, message } = error as NodeJS.ErrnoException;
  const ofDisk = typeof errno === 'number' && !code?.startsWith('Z_');
  if (error instanceof UnreadableFile || ofDisk) throw error;
  throw new UnreadableFile(
    `cannot be opened as an Excel workbook: it is cut off or damaged (${message}); save it again`,
    { cause: error },
  );
}
