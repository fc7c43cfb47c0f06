import { MAX_CELLS, MAX_MARKUP_CHARS, MAX_ROWS, overLimit } from './limits.ts';
import { MergedAreas } from './merged-areas.ts';

const TAG_NAME = /[^\s/>]*/y;
const REFERENCE = /\sref\s*=\s*["']([^"']*)["']/;

/**
 * Goes through a sheet once before any row of it is read: counts what is there against the ceilings, so that a file that
 * passes one gives nothing at all, and finds the merged areas, which stand behind the rows. It looks at the beginnings
 * of tags only, which takes a fraction of the time of parsing.
 * @throws UnreadableFile when the sheet has too many rows, cells or merged areas
 */
export async function surveySheet(texts: AsyncIterable<string>): Promise<MergedAreas> {
  const merged = new MergedAreas();
  let rows = 0;
  let cells = 0;
  let rest = '';
  for await (const text of texts) {
    const seen = rest + text;
    let start = seen.indexOf('<');
    for (; start !== -1; start = seen.indexOf('<', start + 1)) {
      const end = seen.indexOf('>', start);
      if (end === -1) break;
      const name = tagName(seen, start + 1);
      if (name === 'c') cells += 1;
      else if (name === 'row') rows += 1;
      else if (name === 'mergeCell') merged.add(REFERENCE.exec(seen.slice(start, end))?.[1] ?? '');
    }
    // A tag whose end is still to come; what is longer than tags are is left to the parser to refuse.
    rest = start === -1 || seen.length - start > MAX_MARKUP_CHARS ? '' : seen.slice(start);
    if (rows > MAX_ROWS) throw overLimit(`more than ${MAX_ROWS} rows, empty ones included`);
    if (cells > MAX_CELLS) throw overLimit(`more than ${MAX_CELLS} cells, empty ones included`);
  }
  return merged;
}

/** Without a namespace prefix; `c` and `row`, which nearly all are, without making a text of them. */
function tagName(text: string, start: number): string | undefined {
  const first = text[start];
  if (first === '/' || first === '!' || first === '?') return undefined;
  if (first === 'c' && /[\s/>]/.test(text[start + 1] ?? '')) return 'c';
  if (first === 'v' && text[start + 1] === '>') return 'v';
  TAG_NAME.lastIndex = start;
  const name = TAG_NAME.exec(text)?.[0] ?? '';
  return name.slice(name.indexOf(':') + 1);
}
