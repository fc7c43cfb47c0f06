import { FatalError, type Source } from '../../../connectors/spi/index.ts';
import type { ConfiguredSource } from './source-config.ts';

/**
 * The source as configured. One whose configuration is wrong is a source that cannot be read, and says why wherever it
 * is asked; the others go on.
 */
export function openSource({ connector, config }: ConfiguredSource): Source {
  try {
    return connector.open(config);
  } catch (error) {
    const failure =
      error instanceof FatalError ? error : new FatalError('It cannot be opened.', { cause: error });
    return {
      check: async () => ({ ok: false, message: failure.message }),
      discover: () => Promise.reject(failure),
      read() {
        throw failure;
      },
    };
  }
}
