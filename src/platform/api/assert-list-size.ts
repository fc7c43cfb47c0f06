import { HubError } from '../errors.ts';

/** @throws HubError LIST_EMPTY, TOO_MANY_LINES unless there are 1 to `most` */
export function assertListSize<T>(list: readonly T[], what: string, most: number): readonly T[] {
  if (list.length < 1)
    throw new HubError('LIST_EMPTY', `\`${what}\` must have 1 to ${most} entries, has 0.`, { max: most });
  if (list.length > most)
    throw new HubError('TOO_MANY_LINES', `\`${what}\` must have 1 to ${most} entries, has ${list.length}.`, {
      max: most,
    });
  return list;
}
