import { spawnSync } from 'node:child_process';
import path from 'node:path';

/**
 * Builds after an installation. One without development packages (`npm ci --omit=dev`) cannot build and need not fail:
 * it runs what was built elsewhere.
 */
const root = path.resolve(import.meta.dirname, '..');

function hasDevelopmentPackages() {
  try {
    return ['typescript', 'vite', '@graphql-codegen/cli', '@types/node/package.json'].every((name) =>
      import.meta.resolve(name),
    );
  } catch {
    return false;
  }
}

if (hasDevelopmentPackages()) {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.log(
    'Development packages are not installed: nothing is built. The hub needs the folder dist of a build.',
  );
}
