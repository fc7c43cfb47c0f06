import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const PACKAGE = '@sparticuz/chromium';
const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

/**
 * The package unpacks its own shared libraries (NSS and what else a bare Debian lacks) only where it believes it runs on
 * Lambda, it unpacks into the temporary directory, and it changes the environment of whoever imports it. So a process of
 * its own imports it: with that belief, with a temporary directory of ours, and with nothing to spoil.
 */
const UNPACK = `
  import chromium from ${JSON.stringify(PACKAGE)};
  await chromium.executablePath();
`;

const FONTS_FILE = 'fonts.conf';

const run = promisify(execFile);

function packageVersion() {
  const entry = createRequire(import.meta.url).resolve(PACKAGE);
  const manifest = join(dirname(entry), '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

async function unpackInto(folder: string) {
  await run(process.execPath, ['--input-type=module', '--eval', UNPACK], {
    cwd: dirname(CACHE),
    env: { PATH: process.env['PATH'], TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
  });
}

/** The package's own file looks in folders of Lambda only; this one, where it unpacked, and where the system has more. */
const fontsOf = (home: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${home}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${home}/fonts-cache</cachedir>
</fontconfig>
`;

/** Unpacked aside and moved into place in one step: two test workers may both be the first. */
async function unpacked(): Promise<string> {
  const home = join(CACHE, 'chromium', packageVersion());
  if (existsSync(home)) return home;
  await mkdir(dirname(home), { recursive: true });
  const aside = await mkdtemp(`${home}-`);
  try {
    await unpackInto(aside);
    await writeFile(join(aside, FONTS_FILE), fontsOf(home));
    await rename(aside, home);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return home;
}

const isRoot = () => process.getuid?.() === 0;

const flags = () => [
  ...(isRoot() ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // The shared memory of a container is often 64 MB.
  '--disable-dev-shm-usage',
];

/**
 * Headless Chromium from npm alone. Its libraries and fonts reach it by its own environment only: in this process they would
 * be inherited by the hubs and the database under test.
 */
export async function openBrowser(): Promise<Browser> {
  const home = await unpacked();
  return chromium.launch({
    executablePath: join(home, 'chromium'),
    headless: true,
    args: flags(),
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      TMPDIR: process.env['TMPDIR'],
      LANG: 'C.UTF-8',
      LD_LIBRARY_PATH: join(home, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(home, FONTS_FILE),
    },
  });
}
