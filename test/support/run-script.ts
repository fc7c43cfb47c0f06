import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { packageRoot } from '../../src/platform/process/package-root.ts';

export interface ScriptResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs an npm script with exactly these variables beside PATH and HOME. */
export function runScript(
  name: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<ScriptResult> {
  return run('npm', ['run', '--silent', name, '--', ...args], environment);
}

export async function run(
  file: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<ScriptResult> {
  const child = spawn(file, args, {
    cwd: packageRoot(),
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (printed.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...printed };
}
