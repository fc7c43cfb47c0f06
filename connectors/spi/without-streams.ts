import type { Source } from './connector.ts';
import type { Page } from './stream.ts';

/** The stream methods of a source that only answers or receives single things, and brings no records. */
export const withoutStreams: Pick<Source, 'discover' | 'read'> = {
  discover: async () => [],
  read: () => noPages(),
};

async function* noPages(): AsyncGenerator<Page> {
  // There is no stream to read.
}
