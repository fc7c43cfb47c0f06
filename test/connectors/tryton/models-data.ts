import { tagged } from '../../../connectors/tryton/values.ts';

export interface Stored {
  id: number;
  [field: string]: unknown;
}

type Clause = [field: string, operator: string, value: unknown];

/** To-many relations: field → model of the others, and their field that leads back. */
const MANY: Record<string, { model: string; back: string }> = {
  contact_mechanisms: { model: 'party.contact_mechanism', back: 'party' },
};
const ONE: Record<string, string> = {
  customer: 'party.party',
  party: 'party.party',
  type: 'sale.complaint.type',
};

/** Instants are kept as text (ISO 8601, microseconds) and told as tagged objects. */
const now = () => new Date().toISOString().replace('Z', '000Z');

/** What is refused by the business: told with status 200. */
export class UserError extends Error {}

/** Records of a few models, searched, read and written as Tryton does it. */
export class ModelsData {
  private readonly models = new Map<string, Stored[]>([
    ['party.party', []],
    ['party.contact_mechanism', []],
    ['sale.complaint', []],
    ['sale.complaint.type', [{ id: 1, name: 'Damaged' }]],
  ]);
  private nextId = 2;

  /** What a context says of inactive records: they are left out unless `active_test` is false. */
  showsInactive = false;

  has(model: string): boolean {
    return this.models.has(model);
  }

  /** "write_date is null until the first write". */
  create(model: string, { contact_mechanisms: parts, ...values }: Record<string, unknown>): number {
    if (model === 'party.party' && this.of(model).some(({ code }) => code && code === values.code))
      throw new UserError('The code on party must be unique.');
    const id = this.nextId++;
    const defaults = model === 'sale.complaint' ? { state: 'draft', number: String(id) } : { active: 1 };
    this.of(model).push({ ...defaults, ...values, id, create_date: now(), write_date: null });
    const [[, mechanisms]] = (parts ?? [['create', []]]) as [[string, Record<string, unknown>[]]];
    // "adding a phone does NOT change the party's write_date"
    for (const mechanism of mechanisms) this.create('party.contact_mechanism', { ...mechanism, party: id });
    return id;
  }

  write(model: string, ids: number[], values: Record<string, unknown>): void {
    for (const row of this.byIds(model, ids)) Object.assign(row, values, { write_date: now() });
  }

  /** "deleted rows leave no trace" */
  delete(model: string, ids: number[]): void {
    const kept = this.of(model).filter(({ id }) => !ids.includes(id));
    this.models.set(model, kept);
  }

  search(
    model: string,
    domain: unknown[],
    offset: number,
    limit: number | null,
    order: [string, string][] | null,
  ) {
    const found = this.of(model).filter(
      (row) => this.isShown(row) && domain.every((part) => holds(row, part)),
    );
    const [field, direction] = order?.[0] ?? ['id', 'ASC'];
    const sign = direction === 'DESC' ? -1 : 1;
    found.sort(
      (a, b) =>
        sign * (String(a[field]).localeCompare(String(b[field]), 'en', { numeric: true }) || a.id - b.id),
    );
    return found.slice(offset, limit === null ? undefined : offset + limit);
  }

  /** What is asked for through a relation comes under its name with a dot behind it. */
  read(row: Stored, fields: readonly string[]): Record<string, unknown> {
    const told: Record<string, unknown> = { id: row.id };
    const nested = new Map<string, string[]>();
    for (const field of fields) {
      const [name, ...rest] = field.split('.') as [string, ...string[]];
      if (rest.length > 0) nested.set(name, [...(nested.get(name) ?? []), rest.join('.')]);
      else
        told[name] = name.endsWith('_date') && row[name] ? tagged(row[name] as string) : (row[name] ?? null);
    }
    for (const [name, inner] of nested) told[`${name}.`] = this.related(row, name, inner);
    return told;
  }

  private isShown({ active }: Stored): boolean {
    return this.showsInactive || active === undefined || Boolean(active);
  }

  private related(row: Stored, name: string, fields: string[]): unknown {
    const many = MANY[name];
    if (!many)
      return this.byIds(ONE[name]!, [row[name] as number]).map((one) => this.read(one, fields))[0] ?? null;
    const parts = this.of(many.model).filter((part) => part[many.back] === row.id && this.isShown(part));
    return parts.map((part) => this.read(part, fields));
  }

  private byIds(model: string, ids: readonly number[]): Stored[] {
    return this.of(model).filter(({ id }) => ids.includes(id));
  }

  private of(model: string): Stored[] {
    return this.models.get(model)!;
  }
}

function holds(row: Stored, part: unknown): boolean {
  if ((part as unknown[])[0] === 'OR') return (part as unknown[]).slice(1).some((one) => holds(row, one));
  const [field, operator, value] = part as Clause;
  const has = row[field];
  if (operator === 'in') return (value as unknown[]).some((one) => Number(one) === Number(has));
  if (operator === '!=') return (has ?? null) !== value;
  if (operator === '>') return Number(has) > Number(value);
  if (operator === '>=') return typeof has === 'string' && compared(has, value) >= 0;
  return Number(has) === Number(value);
}

function compared(iso: string, value: unknown): number {
  type Tagged = ReturnType<typeof tagged>;
  const [a, b] = [tagged(iso), value as Tagged];
  const key = (at: Tagged) =>
    Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) * 1000 + at.microsecond;
  return key(a) - key(b);
}
