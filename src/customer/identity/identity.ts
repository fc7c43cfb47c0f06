import { parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max';
import { registerEnumType } from 'type-graphql';
import { folded, isPlaceholder, isPlaceholderNumber, MASK } from './placeholder-values.ts';

export enum IdentityKind {
  PHONE = 'PHONE',
  EMAIL = 'EMAIL',
  CHANNEL_USER = 'CHANNEL_USER',
  EXTERNAL = 'EXTERNAL',
}
registerEnumType(IdentityKind, { name: 'IdentityKind' });

/** By what somebody is known, in its one normal form; two mentions of one identity are equal in kind, value, scope. */
export interface Identity {
  kind: IdentityKind;
  /** E.164 (with `;ext=` for a relay number), a case-folded address, or the id as its channel writes it. */
  value: string;
  /** The channel of a CHANNEL_USER, the source of an EXTERNAL; empty for what is unique in the world. */
  scope: string;
  /** Whether it may link two profiles: it belongs to one person, or to few who can be told apart. */
  strong: boolean;
}

const DEFAULT_COUNTRY = 'CN';
/** Numbers of a person or a home; hotlines (400…, 95…, premium, shared cost) belong to couriers and shops. */
const PERSONAL_TYPES = new Set(['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'PERSONAL_NUMBER', 'VOIP']);
const CHINESE_MOBILE = /^\+861[3-9]\d{9}$/;
/** Platforms hide a buyer behind a relay number with extension and reuse it days later. */
const EXTENSION = /\s*(?:转接?|轉|ext\.?|x|#|,|;ext=)\s*(\d{1,8})$/i;
const EMAIL = /^[^\s@"(),:;<>[\]\\]+@[^\s@.]+(?:\.[^\s@.]+)+$/;
const MAX_LENGTH = 200;

/** A phone in any notation; null for what is no number, masked, or a filler. */
export function phoneIdentity(raw: string): Identity | null {
  const text = raw.normalize('NFKC').trim();
  if (text.length > MAX_LENGTH || isPlaceholder(text) || MASK.test(text)) return null;
  const extension = EXTENSION.exec(text)?.[1];
  const parsed = parsePhoneNumberFromString(withoutBrackets(text.replace(EXTENSION, '')), {
    defaultCountry: DEFAULT_COUNTRY,
    extract: false,
  });
  if (!parsed || !isRealNumber(parsed) || isPlaceholderNumber(parsed.nationalNumber)) return null;
  const value = extension ? `${parsed.number};ext=${extension}` : parsed.number;
  return { kind: IdentityKind.PHONE, value, scope: '', strong: !extension && isPersonal(parsed) };
}

/** An e-mail address, case-folded; null for what is none, masked, or a filler. */
export function emailIdentity(raw: string): Identity | null {
  const value = folded(raw).replace(/^mailto:/, '');
  if (value.length > MAX_LENGTH || MASK.test(value) || !EMAIL.test(value)) return null;
  if (isPlaceholder(value.slice(0, value.indexOf('@')))) return null;
  return { kind: IdentityKind.EMAIL, value, scope: '', strong: true };
}

/** The id of a user within `channel`, kept as the channel writes it: such ids may differ in case only. */
export function channelUserIdentity(raw: string, channel: string): Identity | null {
  const value = plainId(raw);
  return value === null ? null : { kind: IdentityKind.CHANNEL_USER, value, scope: channel, strong: true };
}

/** The id of a person record within `source`: names exactly one profile, so there is nothing it could link. */
export function externalIdentity(raw: string, source: string): Identity | null {
  const value = plainId(raw);
  return value === null ? null : { kind: IdentityKind.EXTERNAL, value, scope: source, strong: false };
}

/** An identity that a caller looks up: an identity of which the scope may be left open. */
export interface IdentityQuery {
  kind: IdentityKind;
  value: string;
  scope?: string;
}

/** The normal form of what a caller asks for; null when the value is no identity of that kind. */
export function identityQuery(
  kind: IdentityKind,
  value: string,
  channel?: string | null,
): IdentityQuery | null {
  const identity =
    kind === IdentityKind.PHONE
      ? phoneIdentity(value)
      : kind === IdentityKind.EMAIL
        ? emailIdentity(value)
        : channelUserIdentity(value, channel ?? '');
  if (!identity) return null;
  const scoped = kind === IdentityKind.CHANNEL_USER && typeof channel === 'string';
  return { kind, value: identity.value, ...(scoped && { scope: channel }) };
}

/** The key by which two identities are the same. */
export function identityKey(identity: Omit<Identity, 'strong'>): string {
  return JSON.stringify([identity.kind, identity.value, identity.scope]);
}

/** "(+86) 139…" and "+44 (0)20…" are common, and read wrongly otherwise. */
function withoutBrackets(text: string): string {
  return text.replace('(0)', '').replace(/[()]/g, ' ').trim();
}

function plainId(raw: string): string | null {
  const value = raw.normalize('NFKC').trim();
  return value.length > MAX_LENGTH || isPlaceholder(value) || MASK.test(value) ? null : value;
}

function isRealNumber(parsed: PhoneNumber): boolean {
  // The plan of Chinese mobile prefixes grows faster than the library's table.
  return parsed.isValid() || CHINESE_MOBILE.test(parsed.number);
}

function isPersonal(parsed: PhoneNumber): boolean {
  const type = parsed.getType();
  return type === undefined ? CHINESE_MOBILE.test(parsed.number) : PERSONAL_TYPES.has(type);
}
