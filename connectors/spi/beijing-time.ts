/** China has had one zone and no summer time since 1991. */
const OFFSET_MS = 8 * 3_600_000;

/** As Chinese platforms write instants: `yyyy-MM-dd HH:mm:ss`, GMT+8. */
export function toBeijingTime(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}

/** @returns an invalid date where it is none */
export function fromBeijingTime(text: string): Date {
  return new Date(`${text.replace(' ', 'T')}+08:00`);
}
