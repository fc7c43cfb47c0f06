import { HubError } from '../errors.ts';

/** @throws HubError TOO_MANY_LINES unless there are 1 to `most` */
export function assertListSize<T>(list: readonly T[], what: string, most: number): readonly T[] {
  if (list.length < 1 || list.length > most)
    throw new HubError('TOO_MANY_LINES', `\`${what}\` must have 1 to ${most} entries, has ${list.length}.`, {
      max: most,
    });
  return list;
}
