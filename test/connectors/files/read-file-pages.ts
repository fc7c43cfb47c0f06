import path from 'node:path';
import { filePages } from '../../../connectors/files/reader/file-pages.ts';
import type { FilePage, ReadRequest } from '../../../connectors/files/reader/protocol.ts';
import { scanFile } from '../../../connectors/files/reader/scan-file.ts';

/** Everything in a file, read in this process. */
export async function readFilePages(file: string, mapping: ReadRequest['mapping']): Promise<FilePage> {
  const { encoding } = await scanFile(file, () => {});
  const all: FilePage = { records: [], rejects: [] };
  const request = { file, name: path.basename(file), encoding, version: 'v', mapping };
  for await (const page of filePages(request, () => {})) {
    all.records.push(...page.records);
    all.rejects.push(...page.rejects);
  }
  return all;
}
