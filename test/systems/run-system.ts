import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { onServer } from '../support/database.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');

/** The folder of a system's packages; installs them, as they are pinned here, if they are not there. */
export async function installed(
  system: string,
  packages: readonly string[],
  files: readonly string[],
): Promise<string> {
  const folder = path.join(root, '.cache', 'systems', system);
  mkdirSync(folder, { recursive: true });
  for (const file of files) cpSync(path.join(import.meta.dirname, system, file), path.join(folder, file));
  if (!existsSync(path.join(folder, 'package.json')))
    writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  if (!existsSync(path.join(folder, 'node_modules', packages[0]!.replace(/@[^@]*$/, ''))))
    await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  return folder;
}

/** An empty database beside those of the tests. */
export async function emptyDatabase(system: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `orderweave_test_${system}_${randomBytes(6).toString('hex')}`;
  const server = process.env['TEST_DATABASE_SERVER']!;
  await onServer(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) };
}

/**
 * Runs a program of a system to its end; meanwhile this process goes on, which takes what the database prints.
 * @throws with what it has printed, when it fails
 */
export async function ran(
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
): Promise<void> {
  const env = { ...process.env, NODE_OPTIONS: '', ...environment };
  await run('node', args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
}

/** Starts a system and waits until it prints a word. */
export async function started(
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
  word: string,
): Promise<ChildProcess> {
  const env = { ...process.env, NODE_OPTIONS: '', ...environment };
  const child = spawn('node', args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      printed = (printed + String(chunk)).slice(-20_000);
      if (printed.includes(word)) resolve();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}: ${printed}`)));
  });
  return child;
}

export async function ended(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
