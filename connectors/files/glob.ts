/**
 * Does a file name match a pattern with `*`, `?` and `{a,b}`? Case does not matter: Windows and macOS users
 * cannot see it. (path.matchesGlob needs a newer Node than the package promises.)
 */
export function matchesGlob(name: string, pattern: string): boolean {
  return new RegExp(`^${translate(pattern)}$`, 'iu').test(name.normalize('NFC'));
}

function translate(pattern: string): string {
  return pattern
    .normalize('NFC')
    .replaceAll(/[.+^$()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replaceAll(/\{([^{}]*)\}/g, (_, choices: string) => `(?:${choices.split(',').join('|')})`);
}
