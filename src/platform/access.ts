import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HubError } from './errors.ts';

/** Who calls. `partner` owns idempotency keys and reservations; `name` stands in the audit trail. */
export interface Actor {
  partner: string;
  name: string;
  admin: boolean;
}

export interface Access {
  /**
   * The actor of an `Authorization` value (HTTP header, or `connectionParams.authorization` of a socket).
   * @throws HubError UNAUTHENTICATED
   */
  authenticate(authorization: unknown): Actor;
}

/** Access by the one admin key. */
export function adminKeyAccess(adminKey: string): Access {
  const expected = digest(adminKey);
  return {
    authenticate(authorization) {
      if (typeof authorization !== 'string' || authorization === '')
        throw new HubError('UNAUTHENTICATED', 'No key was sent; send "Authorization: Bearer <key>".');
      const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (!key)
        throw new HubError(
          'UNAUTHENTICATED',
          'The Authorization value has a wrong form; send "Bearer <key>".',
        );
      if (!timingSafeEqual(digest(key), expected))
        throw new HubError('UNAUTHENTICATED', 'The hub does not know this key.');
      return { partner: 'admin', name: 'admin', admin: true };
    },
  };
}

/** The key of the environment, or the one kept in `dataDir`, made on the first start. */
export function obtainAdminKey(
  configured: string | undefined,
  dataDir: string,
): { key: string; generated: boolean } {
  if (configured) return { key: configured, generated: false };
  const file = path.join(dataDir, 'admin-key');
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept) return { key: kept, generated: false };
  const key = `owa_${randomBytes(24).toString('base64url')}`;
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, key, { mode: 0o600 });
  renameSync(`${file}.new`, file); // a kill in the middle leaves no empty key, which would let nobody in
  return { key, generated: true };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
