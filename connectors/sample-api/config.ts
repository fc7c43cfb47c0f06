import { z } from 'zod';
import { FatalError } from '../spi/index.ts';

const configSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Where the API is, e.g. https://api.example.com'),
  apiKey: z.string().min(1).meta({ writeOnly: true }).describe('Sent as bearer token'),
  webhookSecret: z
    .string()
    .min(1)
    .optional()
    .meta({ writeOnly: true })
    .describe('Signs pushes; without it none are taken'),
  pageSize: z.int().min(1).max(100).default(100),
});
export type SampleApiConfig = z.infer<typeof configSchema>;

/** JSON Schema of the configuration as a person writes it. */
export const CONFIG_JSON_SCHEMA = z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>;

/** @throws FatalError naming the fields, never what stands in them */
export function parseConfig(config: unknown): SampleApiConfig {
  const parsed = configSchema.safeParse(config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`,
  );
  throw new FatalError(`sample-api: ${problems.join('; ')}`);
}
