/** The values of the variables of a request, as they were sent. */
export type RequestVariables = Readonly<Record<string, unknown>>;

/** A number that is known with the document, or one that the variables decide. */
export type Count = number | ((variables: RequestVariables) => number);

/** The number for these variables. */
export function evaluate(count: Count, variables: RequestVariables): number {
  return typeof count === 'number' ? count : count(variables);
}

/** The sum; known with the document where its parts are. */
export function sum(counts: readonly Count[]): Count {
  const known = counts.reduce<number>(
    (total, count) => (typeof count === 'number' ? total + count : total),
    0,
  );
  const others = counts.filter((count) => typeof count !== 'number');
  if (others.length === 0) return known;
  return (variables) => others.reduce((total, count) => total + count(variables), known);
}

/** The product; known with the document where its parts are. */
export function product(a: Count, b: Count): Count {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return (variables) => evaluate(a, variables) * evaluate(b, variables);
}

/** The greatest; known with the document where its parts are. */
export function greatest(counts: readonly Count[]): Count {
  if (counts.length === 1) return counts[0]!;
  if (counts.every((count) => typeof count === 'number')) return Math.max(0, ...counts);
  return (variables) => counts.reduce<number>((most, count) => Math.max(most, evaluate(count, variables)), 0);
}
