/** One operation of schema/operations, as the examples list shows it. */
export interface Example {
  readonly audience: string;
  readonly name: string;
  readonly purpose: string;
  readonly query: string;
  /** As written in the file; the places in braces are filled by `withValues`. */
  readonly variables: string;
}

const FILES: Record<string, string> = import.meta.glob('../../../schema/operations/*/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const VARIABLES = /^# variables: (.*)$/m;

/** The comment of a file is its purpose; its line `# variables: {…}` goes to the variables editor. */
function readExample(path: string, text: string): Example {
  const [audience = '', file = ''] = path.split('/').slice(-2);
  const variables = VARIABLES.exec(text)?.[1] ?? '';
  const query = text
    .replace(VARIABLES, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
  const purpose = /^# (.*)$/m.exec(query)?.[1] ?? '';
  return { audience, name: file.replace(/\.graphql$/, ''), purpose, query, variables };
}

export const EXAMPLES: readonly Example[] = Object.entries(FILES).map(([path, text]) =>
  readExample(path, text),
);

/** What the shop has: the values to fill in. Ids that only the reader can know stay in braces. */
export interface SampleValues {
  readonly sku?: string;
  readonly channel?: string;
  readonly node?: string;
  readonly customer?: string;
  readonly order?: string;
}

export function withValues(variables: string, values: SampleValues): string {
  if (variables === '') return '';
  const known: Record<string, string | undefined> = { ...values, uuid: crypto.randomUUID() };
  const filled = variables.replace(/"\{([a-z ]+)\}"/g, (whole, name: string) => {
    const value = known[name];
    return value === undefined ? whole : JSON.stringify(value);
  });
  return JSON.stringify(JSON.parse(filled), undefined, 2);
}
