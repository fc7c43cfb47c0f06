import type { Actor } from '../../platform/api/actor.ts';
import { HubError } from '../../platform/errors.ts';

/** @throws HubError FORBIDDEN when the key is another channel's */
export function requireOwnChannel({ channel }: Actor, wanted: string): void {
  if (channel == null || channel === wanted) return;
  throw new HubError('FORBIDDEN', `This key acts for the channel ${channel} only.`, { channel });
}
