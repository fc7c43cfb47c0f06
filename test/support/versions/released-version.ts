import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../../src/platform/process/package-root.ts';

const root = packageRoot();

interface Release {
  version: string;
  commit: string;
}

/** The newest released version, by the record of releases. */
export function newestRelease(): Release {
  const releases = JSON.parse(readFileSync(path.join(root, 'releases.json'), 'utf8')) as Release[];
  return releases.at(-1)!;
}

/**
 * Builds a released version from the history, once for each commit. Its packages are those of its own lock file; the
 * compiler is that of this version, which stands in a folder above.
 * @returns the folder, with `dist` in it
 * @throws Error in a clone whose history is too short
 */
export function buildRelease({ version, commit }: Release): string {
  requireCommit(version, commit);
  const folder = path.join(root, '.cache', 'versions', commit);
  const isBuilt = path.join(folder, '.built');
  if (existsSync(isBuilt)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const archive = path.join(folder, 'source.tar');
  run('git', ['archive', '--output', archive, commit], root);
  run('tar', ['xf', archive], folder);
  rmSync(archive);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['ci', '--ignore-scripts', '--omit=dev', '--omit=optional', ...quiet], folder);
  run(
    process.execPath,
    [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    folder,
  );
  // Pages that its server wants to be there.
  symlinkSync(path.join(root, 'dist/console'), path.join(folder, 'dist/console'));
  writeFileSync(isBuilt, `${version}\n`);
  return folder;
}

function requireCommit(version: string, commit: string): void {
  try {
    execFileSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: root, stdio: 'ignore' });
  } catch (error) {
    throw new Error(
      `This clone has no commit ${commit}, which is version ${version}: fetch the whole history (git fetch --unshallow).`,
      { cause: error },
    );
  }
}

/** Throws with what the command has printed. */
function run(file: string, args: readonly string[], cwd: string): void {
  try {
    execFileSync(file, args, { cwd, stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
