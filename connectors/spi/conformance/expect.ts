import { FatalError, RetriableError } from '../errors.ts';

/** @throws Error with `problem` where it does not hold */
export function must(holds: boolean, problem: string): asserts holds {
  if (!holds) throw new Error(problem);
}

/** The error that `work` throws. @throws Error where it throws none, or one that is not of the contract */
export async function failureOf(work: () => Promise<unknown>): Promise<RetriableError | FatalError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RetriableError || error instanceof FatalError) return error;
    throw new Error(`It threw ${String(error)}, which is neither a RetriableError nor a FatalError.`, {
      cause: error,
    });
  }
  throw new Error('It did not fail.');
}

/** @throws Error where a secret stands in what is seen */
export function mustNotTell(seen: unknown, secrets: readonly string[], where: string): void {
  const text = typeof seen === 'string' ? seen : JSON.stringify(seen, errorsToo);
  for (const secret of secrets) must(!text.includes(secret), `A secret stands in ${where}.`);
}

function errorsToo(_name: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack, cause: value.cause } : value;
}
