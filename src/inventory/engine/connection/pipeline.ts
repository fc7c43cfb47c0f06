import pg from 'pg';
import type { Statement } from './statement.ts';

/** The methods of the driver's connection that we call; its types lack that `more` may be left out. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(statement: { name: string; text: string }): void;
  bind(values: { statement: string; values: readonly (string | null)[] }): void;
  describe(what: { type: 'P' }): void;
  execute(): void;
  close(what: { type: 'S'; name: string }): void;
  sync(): void;
}
interface Field {
  name: string;
  parse: (text: string) => unknown;
}
/**
 * The statements that a connection has prepared, by name: of those that it has prepared, the fields of their rows.
 */
export type Prepared = Map<string, Field[]>;

interface PendingStatement {
  statement: Statement;
  values: readonly (string | null)[];
  rows: Record<string, unknown>[];
  resolve: (rows: Record<string, unknown>[]) => void;
  reject: (error: Error) => void;
}

/**
 * Statements that travel together: sent in one packet and answered in one, where the driver's own queries would be one
 * of each per statement. After the first that fails, the others are not run; they fail with its error.
 * An object with these methods is what the driver takes in place of a query (as pg-cursor does).
 */
export class Pipeline {
  private readonly passengers: PendingStatement[] = [];
  private arrived = 0;
  private fields: Field[] | undefined;

  constructor(private readonly prepared: Prepared) {}

  add(statement: Statement, values: readonly (string | null)[]): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      this.passengers.push({ statement, values, rows: [], resolve, reject });
    });
  }

  submit(connection: unknown): void {
    const wire = connection as Wire;
    wire.stream.cork();
    for (const { statement, values } of this.passengers) {
      const isKnown = this.prepared.has(statement.name);
      if (!isKnown) {
        wire.close({ type: 'S', name: statement.name }); // a flight that failed may have prepared it
        wire.parse(statement);
      }
      wire.bind({ statement: statement.name, values });
      if (!isKnown) wire.describe({ type: 'P' });
      wire.execute();
    }
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    this.fields = fields.map(({ name, dataTypeID }) => ({ name, parse: parserOf(dataTypeID) }));
  }

  handleDataRow({ fields: texts }: { fields: (string | null)[] }): void {
    const { statement, rows } = this.passengers[this.arrived]!;
    const fields = this.fields ?? this.prepared.get(statement.name)!;
    const row: Record<string, unknown> = {};
    texts.forEach((text, index) => {
      const { name, parse } = fields[index]!;
      row[name] = text === null ? null : parse(text);
    });
    rows.push(row);
  }

  handleCommandComplete(): void {
    const { statement, rows, resolve } = this.passengers[this.arrived++]!;
    if (!this.prepared.has(statement.name)) this.prepared.set(statement.name, this.fields ?? []);
    this.fields = undefined;
    resolve(rows);
  }

  handleReadyForQuery(): void {
    // every passenger has been told
  }

  handleError(error: Error): void {
    for (const { reject } of this.passengers.slice(this.arrived)) reject(error);
  }
}

function parserOf(typeId: number): (text: string) => unknown {
  return pg.types.getTypeParser(typeId, 'text') as (text: string) => unknown;
}
