import { createDecipheriv, createHash } from 'node:crypto';

/** `sha1(sort([token, timestamp, nonce]).join(""))` (source-systems.md §4); of a message, with its cipher text as a fourth. */
export function wechatSignature(...parts: string[]): string {
  return createHash('sha1').update(parts.sort().join('')).digest('hex');
}

/**
 * Opens a message of the "safe mode": AES-256-CBC, the first half of the key is the vector; inside are 16 random bytes, the
 * length of the message in four, the message, and the app that it is for. The layout is from memory, not verified.
 * @param encodingAesKey 43 characters of base64
 * @throws Error where it was not made with this key
 */
export function openSafeMessage(
  cipherText: string,
  encodingAesKey: string,
): { message: string; appId: string } {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(cipherText, 'base64'), decipher.final()]);
  // Padded to blocks of 32, not of 16: the cipher's own rule does not fit.
  const plain = padded.subarray(0, padded.length - padded.at(-1)!);
  const end = 20 + plain.readUInt32BE(16);
  if (end > plain.length) throw new RangeError('The message is shorter than it says.');
  return { message: plain.subarray(20, end).toString(), appId: plain.subarray(end).toString() };
}
