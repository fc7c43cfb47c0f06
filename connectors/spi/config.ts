import { z } from 'zod';
import { FatalError } from './errors.ts';

/** A configuration as a connector declares it, and as it reads it. */
export interface ConfigReader<T> {
  /** JSON Schema of what a person writes: what has a default may be left out. */
  jsonSchema: Record<string, unknown>;
  /** @throws FatalError naming the fields that are wrong, never what stands in them */
  parse(config: unknown): T;
}

/** @param connector its id, or what else is to stand before every complaint */
export function configReader<S extends z.ZodType>(connector: string, schema: S): ConfigReader<z.output<S>> {
  return {
    jsonSchema: z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>,
    parse(config) {
      const parsed = schema.safeParse(config);
      if (parsed.success) return parsed.data;
      const problems = parsed.error.issues.map(
        ({ path, message }) => `${path.join('.') || 'config'}: ${message}`,
      );
      throw new FatalError(`${connector}: ${problems.join('; ')}`);
    },
  };
}
