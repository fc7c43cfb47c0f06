/**
 * `version` of a promise: the balance's commit counter, then the latest instant (epoch microseconds) at which the
 * clock alone changed the number, or at midnight the days of its projection, since. Fixed width, so that versions of
 * one SKU and pool compare as strings, and one version names exactly one number per channel (semantics.md §2).
 */
export function atpVersion(commitCounter: number, clockChangedAt: Date | null): string {
  const instant = clockChangedAt === null ? 0 : clockChangedAt.getTime() * 1000;
  return `${String(commitCounter).padStart(16, '0')}.${String(instant).padStart(17, '0')}`;
}

/** The commit counter of a version, in digits. */
export function commitCounterOf(version: string): string {
  return version.slice(0, 16);
}

/** Whether `text` has the form of a version. */
export function isAtpVersion(text: string): boolean {
  return /^\d{16}\.\d{17}$/.test(text);
}
