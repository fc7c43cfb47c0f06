/** A command line that cannot be understood; the usage is printed with it. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Runs a command and sets the exit code: 0; 1 for what went wrong, in one sentence on stderr; 2 for a wrong command
 * line. `--help` prints the usage on stdout.
 */
export async function runCommand(usage: string, run: (args: string[]) => Promise<void>): Promise<void> {
  const args = process.argv.slice(2);
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    await run(args);
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseArgsError(error);
    process.stderr.write(`${(error as Error).message}\n${isUsage ? `${usage}\n` : ''}`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

/** Prints an answer as JSON. */
export function print(data: unknown): void {
  process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
}

function isParseArgsError(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
}
