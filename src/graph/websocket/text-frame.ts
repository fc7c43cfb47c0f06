const TEXT = 0x81; // FIN, opcode 1
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/**
 * A whole WebSocket frame (RFC 6455 §5.2) of text in two parts, as a server sends it: not masked, not fragmented.
 * @param head ASCII
 */
export function textFrame(head: string, tail: Buffer): Buffer {
  const length = head.length + tail.length;
  const offset = length < LENGTH_16 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(offset + length);
  frame[0] = TEXT;
  if (offset === 2) frame[1] = length;
  else if (offset === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(head, offset, 'latin1');
  frame.set(tail, offset + head.length);
  return frame;
}
