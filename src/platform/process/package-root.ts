import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of package.json: the same from the sources (jest) and from the compiled output (dist). */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('package.json not found above ' + import.meta.dirname);
    folder = parent;
  }
  return folder;
}
