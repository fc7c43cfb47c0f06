/** A value that a mapping function cannot read. The message is a human sentence without the field's name. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}
