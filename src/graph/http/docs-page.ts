import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { marked } from 'marked';

/** The HTML of one page of `docs/`, or undefined when there is none; `README` is the index. */
export function renderDocument(folder: string, requested: string): string | undefined {
  const name = requested === '' || requested.endsWith('/') ? `${requested}README.md` : requested;
  const file = path.resolve(folder, path.extname(name) === '' ? `${name}.md` : name);
  if (!file.startsWith(folder + path.sep) || path.extname(file) !== '.md' || !existsSync(file))
    return undefined;
  const source = readFileSync(file, 'utf8');
  const title = /^# (.+)$/m.exec(source)?.[1] ?? 'Orderweave';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1f2328}
pre,code{background:#f6f8fa;border-radius:4px}pre{padding:1rem;overflow:auto}code{padding:.1em .3em}
table{border-collapse:collapse}td,th{border:1px solid #d0d7de;padding:.3em .7em;vertical-align:top}</style></head>
<body>${marked.parse(source, { async: false })}</body></html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
