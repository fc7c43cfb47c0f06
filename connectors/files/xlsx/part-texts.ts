import { UnreadableFile } from '../table.ts';

/**
 * The text of an XML part, which is UTF-8 or, with a byte order mark, UTF-16.
 * @throws UnreadableFile when its bytes are in no such encoding
 */
export async function* partTexts(part: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  const decode = (chunk?: Buffer) => {
    try {
      return decoder?.decode(chunk, { stream: chunk !== undefined }) ?? '';
    } catch (error) {
      throw new UnreadableFile(
        `cannot be opened as an Excel workbook: ${part} has bytes that are not text; save it again`,
        { cause: error },
      );
    }
  };
  for await (const chunk of chunks) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    yield decode(chunk);
  }
  const rest = decode();
  if (rest !== '') yield rest;
}

function encodingOf(first: Buffer): string {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  return first[0] === 0xfe && first[1] === 0xff ? 'utf-16be' : 'utf-8';
}
