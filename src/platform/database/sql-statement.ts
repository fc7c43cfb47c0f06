/** A statement and its values, as PostgreSQL reads them. Drivers number parameters or mark them; who writes a statement need not know which. */
export interface SqlStatement {
  readonly texts: readonly string[];
  readonly values: readonly (string | null)[];
}

/** Runs a statement in the transaction of whoever has made the executor. */
export type SqlExecutor = <Row extends object>(statement: SqlStatement) => Promise<Row[]>;

export function sql(texts: TemplateStringsArray, ...values: (string | null)[]): SqlStatement {
  return { texts, values };
}

/** The text for a driver that numbers parameters: `$1`. */
export function withNumbers({ texts }: SqlStatement): string {
  return texts.reduce((text, next, number) => `${text}$${number}${next}`);
}

/** The text for a driver that marks parameters: `?`. */
export function withMarks({ texts }: SqlStatement): string {
  return texts.join('?');
}
