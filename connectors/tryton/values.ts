/**
 * Values as the server tags them (`__class__`), as plain JSON: instants as ISO 8601 in UTC to the microsecond, days as
 * yyyy-mm-dd, decimals as text, so that no digit is lost. What was asked for through a relation (`customer.name`) comes
 * under a name with a dot behind it, which is taken away.
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  const object = value as Record<string, unknown>;
  switch (object.__class__) {
    case 'datetime':
      return instant(object as unknown as TaggedInstant);
    case 'date':
      return day(object as unknown as TaggedInstant);
    case 'Decimal':
      return String(object.decimal);
    default:
      return Object.fromEntries(
        Object.entries(object).map(([name, part]) => [name.replace(/\.$/, ''), plain(part)]),
      );
  }
}

interface TaggedInstant {
  __class__: 'datetime';
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

/** @param iso as `plain` gives it */
export function tagged(iso: string): TaggedInstant {
  const [year, month, date, hour, minute, second] = iso.split(/[-T:.Z]/).map(Number) as number[] & {
    length: 6;
  };
  const microsecond = Number((/\.(\d+)/.exec(iso)?.[1] ?? '').padEnd(6, '0').slice(0, 6));
  return {
    __class__: 'datetime',
    year: year!,
    month: month!,
    day: date!,
    hour: hour!,
    minute: minute!,
    second: second!,
    microsecond,
  };
}

function instant(at: TaggedInstant): string {
  const time = [at.hour, at.minute, at.second].map((part) => digits(part, 2)).join(':');
  return `${day(at)}T${time}.${digits(at.microsecond, 6)}Z`;
}

function day({ year, month, day: date }: TaggedInstant): string {
  return [digits(year, 4), digits(month, 2), digits(date, 2)].join('-');
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, '0');
}
