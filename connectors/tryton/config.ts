import { z } from 'zod';
import { FatalError } from '../spi/index.ts';

const configSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where the server is, e.g. https://tryton.example.com'),
  database: z.string().regex(/^[A-Za-z0-9_.-]+$/, 'must be the name of a database'),
  user: z.string().min(1),
  password: z.string().min(1).meta({ writeOnly: true }),
  complaints: z
    .boolean()
    .default(true)
    .describe('Whether complaints are read as tickets; false where the module sale_complaint is not there'),
  timeoutSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe('What has not been answered by then has failed and is tried again'),
});
export type TrytonConfig = z.infer<typeof configSchema>;

/** JSON Schema of the configuration as a person writes it. */
export const CONFIG_JSON_SCHEMA = z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>;

/** @throws FatalError naming the fields, never what stands in them */
export function parseConfig(config: unknown): TrytonConfig {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`,
  );
  throw new FatalError(`tryton: ${problems.join('; ')}`);
}
