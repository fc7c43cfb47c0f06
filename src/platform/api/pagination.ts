import { ArgsType, ClassType, Field, Int, ObjectType } from 'type-graphql';
import { HubError } from '../errors.ts';

/** Relay connections: `first` after the cursor `after`, in an order that the list states. */

@ObjectType()
export class PageInfo {
  @Field()
  hasNextPage!: boolean;
  @Field()
  hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true })
  startCursor!: string | null;
  @Field(() => String, { nullable: true })
  endCursor!: string | null;
}

export interface Edge<T> {
  node: T;
  cursor: string;
}
export interface Connection<T> {
  nodes: T[];
  edges: Edge<T>[];
  pageInfo: PageInfo;
}

/** The classes `<name>Edge` and `<name>Connection`; call it once per node type. */
export function connectionType<T extends object>(
  name: string,
  node: () => ClassType<T>,
): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`)
  class EdgeClass {
    @Field(node)
    node!: T;
    @Field()
    cursor!: string;
  }
  @ObjectType(`${name}Connection`)
  class ConnectionClass {
    @Field(() => [node()])
    nodes!: T[];
    @Field(() => [EdgeClass])
    edges!: EdgeClass[];
    @Field(() => PageInfo)
    pageInfo!: PageInfo;
  }
  return ConnectionClass;
}

const MAX_PAGE_SIZE = 100;

/** Base of the arguments of a list of 20. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, defaultValue: 20 })
  first!: number;
  @Field(() => String, { nullable: true })
  after?: string | null;
}

/** Base of the arguments of a list of 10 within another object. */
@ArgsType()
export class ShortPageArgs {
  @Field(() => Int, { nullable: true, defaultValue: 10 })
  first!: number;
  @Field(() => String, { nullable: true })
  after?: string | null;
}

/** Base of the arguments of a list of 100 that is no connection: its entries are told apart by an id or code. */
@ArgsType()
export class ListArgs {
  @Field(() => Int, { nullable: true, defaultValue: 100 })
  first!: number;
  @Field(() => String, { nullable: true, description: 'The id or code of the last entry that you have.' })
  after?: string | null;
}

/** Of whole lists: the entries after one of them. @throws HubError PAGE_SIZE_OUT_OF_RANGE, INVALID_CURSOR */
export function pageOf<T>(
  entries: readonly T[],
  { first, after }: { first: number | null | undefined; after?: string | null },
  idOf: (entry: T) => string,
): T[] {
  const size = checkedPageSize(first);
  if (after === null || after === undefined) return entries.slice(0, size);
  const at = entries.findIndex((entry) => idOf(entry) === after);
  if (at === -1)
    throw new HubError(
      'INVALID_CURSOR',
      '`after` names no entry of this list; take the id of the last one you have.',
    );
  return entries.slice(at + 1, at + 1 + size);
}

/** @throws HubError PAGE_SIZE_OUT_OF_RANGE */
export function checkedPageSize(first: number | null | undefined): number {
  const size = first ?? 20;
  if (size < 1 || size > MAX_PAGE_SIZE)
    throw new HubError('PAGE_SIZE_OUT_OF_RANGE', `\`first\` must be 1 to ${MAX_PAGE_SIZE}, was ${size}.`);
  return size;
}

/** A cursor is the sort key of its row. */
export function encodeCursor(...parts: string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** Whether a part of a cursor is the position of a row, a bigint. */
export const isPosition = (part: string): boolean => /^\d{1,18}$/.test(part);

/** @throws HubError INVALID_CURSOR when `after` does not have one part for each form, in their order, that fits it */
export function decodeCursor(
  after: string | null | undefined,
  forms: readonly ((part: string) => boolean)[],
): string[] | undefined {
  if (after === null || after === undefined) return undefined;
  try {
    const decoded: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'));
    const fits = (part: unknown, index: number) => typeof part === 'string' && forms[index]!(part);
    if (Array.isArray(decoded) && decoded.length === forms.length && decoded.every(fits))
      return decoded as string[];
  } catch {
    // falls through: not one of our cursors
  }
  throw new HubError('INVALID_CURSOR', '`after` is not a cursor of this list; take `endCursor` of a page.');
}

/** The page of `rows`, which hold up to one more than `first` to tell whether there is a next page. */
export function toConnection<T>(
  rows: T[],
  first: number,
  after: unknown,
  cursorOf: (row: T) => string,
): Connection<T> {
  const nodes = rows.slice(0, first);
  const edges = nodes.map((node) => ({ node, cursor: cursorOf(node) }));
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: rows.length > first,
      hasPreviousPage: after !== null && after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
