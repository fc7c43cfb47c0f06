import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from './config.ts';

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const MIN_KEY_LENGTH = 32;

/**
 * Seals secrets that the database keeps (AES-256-GCM), so that a copy of the database alone gives none of them away.
 * Its key is derived from a text that lives outside the database.
 */
export class SecretBox {
  private readonly key: Buffer;
  /** Identifies the key, so that a value sealed by another is recognised; tells nothing of the key. */
  private readonly keyId: string;

  constructor(keyText: string) {
    this.key = Buffer.from(hkdfSync('sha256', keyText, '', 'orderweave secrets', 32));
    this.keyId = hash('sha256', this.key, 'hex').slice(0, 8);
  }

  /** @param purpose what it is a secret of: it can be opened for this only */
  seal(secret: string, purpose: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, this.keyId, nonce.toString('base64url'), sealed.toString('base64url')].join('.');
  }

  /** @throws Error of what another key has sealed, or was sealed for something else, or has been changed */
  open(text: string, purpose: string): string {
    const [version, keyId, nonce, sealed] = text.split('.');
    if (version !== VERSION || nonce === undefined || sealed === undefined)
      throw new Error('not a sealed secret');
    if (keyId !== this.keyId)
      throw new Error('sealed with another HUB_SECRET_KEY; give the hub that key, or make a new secret');
    const bytes = Buffer.from(sealed, 'base64url');
    const opener = createDecipheriv(CIPHER, this.key, Buffer.from(nonce, 'base64url'))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(-16));
    return Buffer.concat([opener.update(bytes.subarray(0, -16)), opener.final()]).toString('utf8');
  }
}

/**
 * The box of this hub: by the key of the environment or of a file, or by one that is made and kept in the data folder.
 * Undefined with a database of one's own and no key: other hubs of that database would not know the one that is made.
 * @throws ConfigError when the named file holds no such key
 */
export function loadSecretBox(config: {
  secretKey: string | undefined;
  secretKeyFile: string | undefined;
  databaseUrl: string | undefined;
  dataDir: string;
}): SecretBox | undefined {
  if (config.secretKey !== undefined) return new SecretBox(config.secretKey);
  if (config.secretKeyFile !== undefined) return new SecretBox(keyIn(config.secretKeyFile));
  if (config.databaseUrl !== undefined) return undefined;
  return new SecretBox(ownKey(config.dataDir));
}

function keyIn(file: string): string {
  if (!existsSync(file)) throw new ConfigError(`HUB_SECRET_KEY_FILE: there is no file ${file}`);
  const key = readFileSync(file, 'utf8').trim();
  if (key.length < MIN_KEY_LENGTH)
    throw new ConfigError(`HUB_SECRET_KEY_FILE must hold at least ${MIN_KEY_LENGTH} characters`);
  return key;
}

function ownKey(dataDir: string): string {
  const file = path.join(dataDir, 'secret-key');
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept) return kept;
  const key = randomBytes(32).toString('base64url');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, key, { mode: 0o600 });
  renameSync(`${file}.new`, file); // a kill in the middle leaves no half key, which would open nothing
  return key;
}
