import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { EncodingDetector } from '../encoding.ts';
import type { FileScan } from './protocol.ts';

/**
 * Reads a file once over.
 * @param progress called whenever a piece has been read
 */
export async function scanFile(file: string, progress: () => void): Promise<FileScan> {
  const hash = createHash('sha256');
  const detector = new EncodingDetector();
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk as Buffer);
    detector.see(chunk as Buffer);
    progress();
  }
  return { digest: hash.digest('hex'), encoding: detector.encoding() };
}
