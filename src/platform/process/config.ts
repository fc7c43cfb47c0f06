import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { hostAddresses } from '../database/host-addresses.ts';
import { isNetwork } from './client-address.ts';
import type { ConnectionLimits } from './connection-limits.ts';
import { parseNatsAddress, type NatsAddress } from './nats-address.ts';
import { retentionOf, retentionProblems, retentionVariables, type Retention } from './retention-settings.ts';
import { packageRoot } from './package-root.ts';
import type { CostLimits } from './cost-limits.ts';
import type { SocketLimits } from './socket-limits.ts';

/** The subgraphs that the served schema can be cut into; src/model.ts says what is in each. */
export const subgraphNames = [
  'customer',
  'orders',
  'aftersales',
  'inventory',
  'routing',
  'operations',
] as const;
export type SubgraphName = (typeof subgraphNames)[number];

const wholeNumber = (least: number, most: number) =>
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(least, `must be ${least} to ${most}`)
    .max(most, `must be ${least} to ${most}`);

/** The variables that the hub reads from its environment; the only place that knows the variables' names. */
const variables = z.object({
  PORT: z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(0, 'must be 0 (any free port) to 65535')
    .max(65_535, 'must be 0 (any free port) to 65535')
    .default(4000),
  HOST: z.string().min(1, 'must not be empty').default('127.0.0.1'),
  DATABASE_URL: z
    .string()
    .refine(
      (address) => hostAddresses(address) !== undefined,
      'must be postgres://user:password@host:port/database, or name several hosts with commas between',
    )
    .optional(),
  HUB_DATABASE_POOL: wholeNumber(2, 200).default(16),
  HUB_BUS_URL: z
    .string()
    .transform(parseNatsAddress)
    .refine(
      (address) => address !== undefined,
      'must be nats://user:password@host:port/name (tls:// for TLS; all but the host may be left out), or several that differ in the host, with commas between',
    )
    .optional(),
  HUB_DATA_DIR: z
    .string()
    .min(1, 'must not be empty')
    .default(() => path.join(packageRoot(), '.hub')),
  HUB_ADMIN_KEY: z
    .string()
    .min(16, 'must have at least 16 characters')
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional(),
  HUB_SECRET_KEY: z
    .string()
    .min(32, 'must have at least 32 characters')
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .optional(),
  HUB_SECRET_KEY_FILE: z.string().optional(),
  HUB_WEBHOOK_TARGETS: z.enum(['public', 'any'], 'must be public or any').default('public'),
  HUB_SAMPLE: z.enum(['on', 'off'], 'must be on or off').default('on'),
  HUB_IDEMPOTENCY_DAYS: wholeNumber(1, 90).default(7),
  ...retentionVariables,
  HUB_OUTGOING: z.enum(['on', 'off'], 'must be on or off').default('on'),
  HUB_JOBS: z.enum(['on', 'off'], 'must be on or off').default('on'),
  HUB_SUBGRAPHS: z
    .string()
    .transform((text) => (text.trim() === 'all' ? subgraphNames : text.split(',').map((name) => name.trim())))
    .pipe(z.array(z.string()).refine(areSubgraphs, `must be all, or some of ${subgraphNames.join(',')}`))
    .default([]),
  HUB_SOCKETS_PER_KEY: wholeNumber(1, 1_000_000).default(20_000),
  HUB_OPERATIONS_PER_SOCKET: wholeNumber(1, 10_000).default(100),
  HUB_SOCKET_BUFFER_BYTES: wholeNumber(65_536, 1_073_741_824).default(4_194_304),
  HUB_SOCKET_PING_SECONDS: wholeNumber(1, 3_600).default(12),
  HUB_DRAIN_SECONDS: wholeNumber(0, 60).default(1),
  HUB_HEADERS_SECONDS: wholeNumber(1, 600).default(10),
  HUB_REQUEST_SECONDS: wholeNumber(1, 600).default(30),
  HUB_KEEP_ALIVE_SECONDS: wholeNumber(1, 3_600).default(72),
  HUB_TRUSTED_PROXIES: z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(
      z.array(z.string().refine(isNetwork, 'must be addresses or networks (10.0.0.0/8) with commas between')),
    )
    .default([]),
  HUB_WRONG_KEYS_PER_MINUTE: wholeNumber(1, 1_000_000).default(30),
  HUB_MISSED_LOOKUPS: wholeNumber(1, 1_000_000).default(20),
  HUB_ROUTING_WORKERS: wholeNumber(1, 64).default(() => Math.max(1, Math.floor(availableParallelism() / 2))),
  HUB_COST_CEILING: wholeNumber(1_000, 10_000_000).default(20_000),
  HUB_COST_PER_MINUTE: wholeNumber(1_000, 1_000_000_000).default(6_000_000),
  HUB_COST_PER_MINUTE_ADMIN: wholeNumber(1_000, 1_000_000_000).default(60_000_000),
  HUB_ANSWER_BYTES: wholeNumber(100_000, 100_000_000).default(5_000_000),
  HUB_OPERATION_SECONDS: wholeNumber(1, 600).default(30),
  HUB_SOURCES: z.string().min(1, 'must not be empty').optional(),
  HUB_METRICS_PORT: wholeNumber(0, 65_535).optional(),
  HUB_METRICS_HOST: z.string().min(1, 'must not be empty').default('127.0.0.1'),
  HUB_SLOW_OPERATION_MS: wholeNumber(1, 600_000).default(1_000),
  HUB_LOOP_ALARM_MS: wholeNumber(100, 600_000).default(5_000),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'must be fatal, error, warn, info, debug, trace or silent',
    })
    .default('info'),
});

export interface Config {
  /** 0 means any free port. */
  port: number;
  host: string;
  /** Undefined: the hub runs its own PostgreSQL inside `dataDir`. */
  databaseUrl: string | undefined;
  /** Most connections of the pool that reads, imports and routing share. */
  databasePool: number;
  /** Undefined: the database carries the signals between hub processes. */
  nats: NatsAddress | undefined;
  /** Absolute path. */
  dataDir: string;
  adminKey: string | undefined;
  /** The key that seals secrets in the database; the text itself, or a file that holds it. */
  secretKey: string | undefined;
  secretKeyFile: string | undefined;
  /** Where webhooks may go: `public` is https to public addresses; `any` also http and private addresses. */
  webhookTargets: 'public' | 'any';
  /** Whether the sample shop is written and imported on the first start. */
  sample: boolean;
  /** How long a repeated command is known as such. */
  idempotencyDays: number;
  retention: Retention;
  /** Whether webhooks are sent, and sources read, written to and asked for parcels. */
  outgoing: boolean;
  /** Whether this process does what the clock wants done; another one of the database must. */
  jobs: boolean;
  /** Those to serve on their own too, at /subgraphs/<name>/graphql. */
  subgraphs: readonly SubgraphName[];
  /** How long the hub still serves after SIGTERM while `/readyz` says 503, in ms. */
  drainMs: number;
  /** Limits of sockets. */
  sockets: SocketLimits;
  /** Time limits of HTTP connections. */
  connections: ConnectionLimits;
  /** Addresses and networks whose `X-Forwarded-For` names the caller. */
  trustedProxies: readonly string[];
  /** Keys that the hub does not know and that may come from one address in a minute. */
  wrongKeysPerMinute: number;
  /** Identities that a key without `customer:pii` may look up in ten minutes and not find. */
  missedLookups: number;
  /** Threads that decide where orders are sent from. */
  routingWorkers: number;
  /** Limits of the cost and time of operations. */
  cost: CostLimits;
  /** The document that names the sources to read; there need not be one. */
  sourcesFile: string;
  /** Where the metrics are served without a key; undefined: only beside the API, to keys. */
  metrics: { host: string; port: number } | undefined;
  /** Operations that take longer are logged, in ms. */
  slowOperationMs: number;
  /** How long the event loop may stand still before that is logged, in ms. */
  loopAlarmMs: number;
  logLevel: string;
}

/** Names the variables that are wrong, what they were expected to be, never the value of a secret. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Reads and validates the environment. An empty variable counts as not set.
 * @throws ConfigError naming each wrong variable
 */
export function loadConfig(environment: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
    throw new ConfigError(`Configuration: ${problems.join('; ')}`);
  }
  const env = parsed.data;
  const [conflict] = retentionProblems(env);
  if (conflict) throw new ConfigError(`Configuration: ${conflict.variable} ${conflict.says}`);
  if (env.HUB_HEADERS_SECONDS > env.HUB_REQUEST_SECONDS)
    throw new ConfigError('Configuration: HUB_HEADERS_SECONDS must not exceed HUB_REQUEST_SECONDS');
  return {
    port: env.PORT,
    host: env.HOST,
    databaseUrl: env.DATABASE_URL,
    databasePool: env.HUB_DATABASE_POOL,
    nats: env.HUB_BUS_URL,
    dataDir: path.resolve(env.HUB_DATA_DIR),
    adminKey: env.HUB_ADMIN_KEY,
    secretKey: env.HUB_SECRET_KEY,
    secretKeyFile: env.HUB_SECRET_KEY_FILE && path.resolve(env.HUB_SECRET_KEY_FILE),
    webhookTargets: env.HUB_WEBHOOK_TARGETS,
    sample: env.HUB_SAMPLE === 'on',
    drainMs: env.HUB_DRAIN_SECONDS * 1000,
    idempotencyDays: env.HUB_IDEMPOTENCY_DAYS,
    retention: retentionOf(env),
    outgoing: env.HUB_OUTGOING === 'on',
    jobs: env.HUB_JOBS === 'on',
    subgraphs: [...new Set(env.HUB_SUBGRAPHS)],
    sockets: {
      ofOneKey: env.HUB_SOCKETS_PER_KEY,
      operations: env.HUB_OPERATIONS_PER_SOCKET,
      unsentBytes: env.HUB_SOCKET_BUFFER_BYTES,
      pingMs: env.HUB_SOCKET_PING_SECONDS * 1000,
    },
    connections: {
      headersMs: env.HUB_HEADERS_SECONDS * 1000,
      requestMs: env.HUB_REQUEST_SECONDS * 1000,
      keepAliveMs: env.HUB_KEEP_ALIVE_SECONDS * 1000,
    },
    trustedProxies: env.HUB_TRUSTED_PROXIES,
    wrongKeysPerMinute: env.HUB_WRONG_KEYS_PER_MINUTE,
    missedLookups: env.HUB_MISSED_LOOKUPS,
    routingWorkers: env.HUB_ROUTING_WORKERS,
    cost: {
      ceiling: env.HUB_COST_CEILING,
      perMinute: env.HUB_COST_PER_MINUTE,
      adminPerMinute: env.HUB_COST_PER_MINUTE_ADMIN,
      answerBytes: env.HUB_ANSWER_BYTES,
      operationMs: env.HUB_OPERATION_SECONDS * 1000,
    },
    sourcesFile: path.resolve(env.HUB_SOURCES ?? path.join(env.HUB_DATA_DIR, 'sources.json')),
    metrics:
      env.HUB_METRICS_PORT === undefined
        ? undefined
        : { host: env.HUB_METRICS_HOST, port: env.HUB_METRICS_PORT },
    slowOperationMs: env.HUB_SLOW_OPERATION_MS,
    loopAlarmMs: env.HUB_LOOP_ALARM_MS,
    logLevel: env.LOG_LEVEL,
  };
}

function areSubgraphs(names: readonly string[]): names is SubgraphName[] {
  return names.every((name) => subgraphNames.some((known) => known === name));
}
