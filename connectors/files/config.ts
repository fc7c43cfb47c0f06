import { z } from 'zod';
import { FatalError } from '../spi/errors.ts';

const configSchema = z.strictObject({
  folder: z.string().min(1).describe('The folder the merchant drops exports into'),
  settleMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(300)
    .describe('A file younger than this, in milliseconds, is looked at twice: it may still be being written'),
});

/** Where the files are. `settleMs` may be left out in what a person writes. */
export type FilesConfig = z.infer<typeof configSchema>;

/** JSON Schema of the configuration as a person writes it. */
export const CONFIG_JSON_SCHEMA = z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>;

/** @throws FatalError with a sentence naming the field. */
export function parseConfig(config: unknown): FilesConfig {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new FatalError(`files connector configuration: ${describeIssues(parsed.error)}`);
}

/** "folder: expected string, received undefined" for each thing that is wrong. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'document'}: ${issue.message}`).join('; ');
}
