import { FatalError } from '../../../connectors/spi/errors.ts';

/** A mapping that cannot be used as written. The message names the file, the field and the position. */
export class MappingError extends FatalError {
  override readonly name = 'MappingError';
  /** Where the mapping was written down, e.g. `mappings/orders-douyin.json`. */
  readonly origin: string;
  /** The place inside the document, e.g. `fields.totalMinor`. */
  readonly field: string;
  /** Characters into the expression, from 1; undefined when the trouble is not in an expression. */
  readonly position: number | undefined;

  constructor(at: { origin: string; field: string; position?: number }, problem: string) {
    const position = at.position === undefined ? '' : `, position ${at.position}`;
    super(`${at.origin}: ${at.field}${position}: ${problem}`);
    this.origin = at.origin;
    this.field = at.field;
    this.position = at.position;
  }
}
