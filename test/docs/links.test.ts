import { expect, test } from '@jest/globals';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../support/markdown.ts';

const pages = globSync(['README*.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/**/*.md'], { cwd: root });

/** The targets of links and images, code left out. */
function targetsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8')
    .replaceAll(/^```[^]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
}

/** What an address behind `#` may name: the headings, as GitHub makes anchors of them. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(path.join(root, file), 'utf8').matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

function problemOf(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [file, anchor] = target.split('#') as [string, string | undefined];
  const resolved = file === '' ? page : path.join(path.dirname(page), decodeURIComponent(file));
  if (!existsSync(path.join(root, resolved))) return `${page}: there is no ${target}`;
  if (anchor !== undefined && !anchorsOf(resolved).includes(decodeURIComponent(anchor)))
    return `${page}: ${resolved} has no heading for #${anchor}`;
  return undefined;
}

test('there are pages and links to check', () => {
  expect(pages.length).toBeGreaterThan(10);
  expect(pages.flatMap(targetsOf).length).toBeGreaterThan(20);
});

test.each(pages)('relative links of %s resolve', (page) => {
  expect(targetsOf(page).flatMap((target) => problemOf(page, target) ?? [])).toEqual([]);
});

test('a link to nowhere is found', () => {
  expect(problemOf('README.md', 'docs/no-such-page.md')).toBeDefined();
  expect(problemOf('README.md', 'docs/runbook.md#no-such-heading')).toBeDefined();
});
