const INSTANT = /^([12]\d{3})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):?[0-5]\d)$/;

/**
 * Whether `text` is an instant with zone that PostgreSQL reads too; one that it refuses would fail the whole batch.
 * JavaScript alone would take 30 February for 2 March.
 */
export function isInstant(text: string): boolean {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
}

/** Whether `incoming` was reported before `stored`; unknown times make nothing stale. */
export function isStale(incoming: string | null | undefined, stored: string | null | undefined): boolean {
  return Boolean(incoming && stored) && Date.parse(incoming!) < Date.parse(stored!);
}
