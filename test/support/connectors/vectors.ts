import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A folder with signature vectors of public origin, if there is one at hand: `signature-vectors.json`. */
const folder = process.env.SIGNATURE_VECTORS;
const file = folder && path.join(folder, 'signature-vectors.json');

/** The vectors by name; undefined where there are none. */
export const vectors:
  Record<string, Record<string, string> & { params: Record<string, string> }> | undefined =
  file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
