import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSecretBox, SecretBox } from '../../../src/platform/process/secret-box.ts';
import { ownFolder } from '../../support/own-folder.ts';

const KEY = 'a key of at least thirty-two characters';
let own: ReturnType<typeof ownFolder>;
beforeAll(() => {
  own = ownFolder();
});
afterAll(() => own.remove());

test('opens what it has sealed, for the same purpose, and nothing that was changed', () => {
  const box = new SecretBox(KEY);
  const sealed = box.seal('whsec_秘密', 'endpoint 1');
  expect(sealed).not.toContain('whsec_');
  expect(box.seal('whsec_秘密', 'endpoint 1')).not.toBe(sealed);
  expect(new SecretBox(KEY).open(sealed, 'endpoint 1')).toBe('whsec_秘密');
  expect(() => box.open(sealed, 'endpoint 2')).toThrow();
  // Not the last character: of that, some bits are no part of what is sealed.
  const at = sealed.length - 5;
  const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
  expect(() => box.open(flipped, 'endpoint 1')).toThrow();
  expect(() => new SecretBox(`${KEY}!`).open(sealed, 'endpoint 1')).toThrow(/another HUB_SECRET_KEY/);
});

test('a hub with its own database makes a key and keeps it for its owner alone; others must be given one', () => {
  const dataDir = path.join(own.folder, 'data');
  const config = { secretKey: undefined, secretKeyFile: undefined, databaseUrl: undefined, dataDir };
  const sealed = loadSecretBox(config)!.seal('secret', 'test');
  const file = path.join(dataDir, 'secret-key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toHaveLength(43);
  expect(loadSecretBox(config)!.open(sealed, 'test')).toBe('secret');
  expect(loadSecretBox({ ...config, databaseUrl: 'postgres://elsewhere/db' })).toBeUndefined();
});

test('a key may come from a file, which must hold one', () => {
  const secretKeyFile = path.join(own.folder, 'key');
  const config = { secretKey: undefined, secretKeyFile, databaseUrl: 'postgres://db', dataDir: own.folder };
  expect(() => loadSecretBox(config)).toThrow(/HUB_SECRET_KEY_FILE: there is no file/);
  writeFileSync(secretKeyFile, 'short\n');
  expect(() => loadSecretBox(config)).toThrow(/at least 32 characters/);
  writeFileSync(secretKeyFile, `${KEY}\n`);
  const sealed = loadSecretBox(config)!.seal('secret', 'test');
  expect(loadSecretBox({ ...config, secretKey: KEY })!.open(sealed, 'test')).toBe('secret');
  expect(existsSync(path.join(own.folder, 'secret-key'))).toBe(false);
});
