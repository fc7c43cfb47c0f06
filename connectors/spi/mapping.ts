import type { EntityName } from './records.ts';

/**
 * How the rows of one stream become canonical records, as a JSON document that a merchant can edit.
 *
 * An order sheet with one row per order line:
 * ```json
 * {
 *   "entity": "order",
 *   "id": "订单编号",
 *   "groupRows": true,
 *   "fields": { "externalId": "$id(订单编号)", "buyer.phone": "手机", "state": "订单状态" },
 *   "lines": { "fields": { "sku": "商家编码", "quantity": "$integer(数量)" } },
 *   "enums": { "state": { "values": { "待发货": "PAID" }, "fallback": "PLACED" } }
 * }
 * ```
 */
export interface StreamMapping {
  entity: EntityName;
  /**
   * The source field or fields whose values name a raw record (`RawRecord.id`). A connector whose source gives
   * its records an id of their own may leave it out.
   */
  id?: string | string[];
  /** True: rows with the same `id` are one record (one row per order line). Default: each row is a record. */
  groupRows?: boolean;
  /**
   * Target field → JSONata expression over the row (over the first row, when grouped). Nested fields are written
   * with a dot (`buyer.phone`). An expression that gives nothing, null or blank text leaves the field out.
   * Bound variables: `$rows` (all rows of a group), `$recordId`, `$version` (see `RawRecord`).
   */
  fields: Record<string, string>;
  /** How the record's `lines` are made; only for entities that have lines. */
  lines?: LineMapping;
  /** Target field (`lines.x` for a field of a line) → the source's words for the values of that field. */
  enums?: Record<string, EnumMapping>;
}

export interface LineMapping {
  /** JSONata expression giving the array of source lines. Default: the rows of the group. */
  from?: string;
  /**
   * Field of the line → JSONata expression over the source line. Bound besides the above: `$header` (the record's
   * own data), `$line` (1, 2, …). Lines that are equal in every field count once: exports repeat rows.
   */
  fields: Record<string, string>;
}

export interface EnumMapping {
  /** Source word → canonical value. Words are compared after trimming. */
  values: Record<string, string>;
  /**
   * The canonical value for a word that is not listed. Without it such a record goes to dead letters with the
   * word in the reason: a status nobody foresaw must be seen, not guessed.
   */
  fallback?: string;
}
