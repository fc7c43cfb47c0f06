import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HubError } from '../platform/errors.ts';
import type { Access } from '../platform/api/actor.ts';

/** Access by the one admin key. */
export function adminKeyAccess(adminKey: string): Access {
  const expected = digest(adminKey);
  const actor = { partner: 'admin', name: 'admin', keyId: 'admin', admin: true };
  return {
    authenticate(authorization) {
      if (typeof authorization !== 'string' || authorization === '')
        throw new HubError('UNAUTHENTICATED', 'No key was sent; send "Authorization: Bearer <key>".');
      const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (!key)
        throw new HubError('UNAUTHENTICATED', 'Malformed Authorization header. Expected "Bearer <key>".');
      if (!timingSafeEqual(digest(key), expected))
        throw new HubError('UNAUTHENTICATED', 'The hub does not know this key.');
      return actor;
    },
  };
}

export interface AdminKey {
  key: string;
  /** Whether it was made just now: then it is shown once, and `keep` is called after that. */
  generated: boolean;
  /** Stores it for the starts to come. A start that fails before leaves no key that nobody has seen. */
  keep: () => void;
}

/** The key of the environment, or the one kept in `dataDir`, or a new one. */
export function loadAdminKey(configured: string | undefined, dataDir: string): AdminKey {
  const known = (key: string) => ({ key, generated: false, keep: () => undefined });
  if (configured) return known(configured);
  const file = path.join(dataDir, 'admin-key');
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept) return known(kept);
  const key = `owa_${randomBytes(24).toString('base64url')}`;
  const keep = () => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, key, { mode: 0o600 });
    renameSync(`${file}.new`, file); // a kill in the middle leaves no empty key, which would let nobody in
  };
  return { key, generated: true, keep };
}

function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
