import type { ConcurrencyLimits } from '@assent/rpc';
import { z } from 'zod';
import { readEnvironment } from './environment.ts';
import { isSameRelease, version } from './version.ts';

export const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' });

const expectedVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+/, { error: 'must be a version, such as 0.1.0', abort: true })
  .refine((expected) => isSameRelease(expected, version), {
    error: ({ input }) =>
      `the chart is for version ${input}, and this image is ${version}: deploy the image that belongs to the chart, or the chart of the image`,
  });

/** What every service reads from its environment. */
export const serviceConfig = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 takes a free one. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(50_051),
  /** Where health is told in plain text, to a kubelet: grpc.health.v1 alone; nowhere when 0. */
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Where other services are, with {service} for the name: `file:///run/endpoints.json#{service}`. */
  SERVICE_TARGET: z.string().min(1).optional(),
  /**
   * Where this replica is, such as eu-central-1a: others in the same zone are called first. Without it a pod with a POD_IP
   * learns it from the EndpointSlices of its own service.
   */
  ZONE: z.string().min(1).optional(),
  /**
   * NAMESPACE/NAME of the Lease in Kubernetes by which a replica is elected for what one is enough for; each does it without.
   * Those that share a database must agree in whether they have one.
   */
  SINGLETON_LEASE: z
    .string()
    .regex(/^[-.a-z0-9]+\/[-.a-z0-9]+$/, { error: 'must be NAMESPACE/NAME' })
    .optional(),
  /** Who this is there; the name of the host without it. */
  POD_NAME: z.string().min(1).optional(),
  /** Its own address. */
  POD_IP: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Of a service with more replicas than that this one calls so many; 0 is all of them. docs/discovery.md */
  SUBSET_SIZE: z.coerce.number().int().min(0).max(10_000).default(100),
  /** Has tls.crt, tls.key and ca.crt: calls between services are by mutual TLS then. They may be replaced at any time. */
  TLS_DIRECTORY: z.string().min(1).optional(),
  /** The DNS name in the certificate of each service, with {service} for its name: `shop-{service}.default.svc`. */
  TLS_IDENTITY: z.string().includes('{service}', 'must have {service} in it').default('{service}'),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(10),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** How long calls under way may take until they are cut off. */
  DRAIN_TIMEOUT_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
  /** How long to go on serving after health says NOT_SERVING: callers need a moment to notice. */
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(600_000).default(0),
  /** Calls of one method under way at a time, before their latency is looked at; 0 takes on whatever comes. docs/overload.md */
  CONCURRENCY_INITIAL: z.coerce.number().int().min(0).max(1_000_000).default(1_000),
  /** So many always. */
  CONCURRENCY_MIN: z.coerce.number().int().min(1).max(1_000_000).default(32),
  /** So many at most. */
  CONCURRENCY_MAX: z.coerce.number().int().min(1).max(1_000_000).default(4_000),
  /** So long calls may take without a thought of overload. */
  CONCURRENCY_CALM_MS: z.coerce.number().min(0).max(600_000).default(100),
  /** Connections of gRPC clients; more are dropped as they come. */
  GRPC_MAX_CONNECTIONS: z.coerce.number().int().min(1).max(1_000_000).default(1_000),
  /** After how long a gRPC client is asked to connect anew, 10 % more or less: as long as a timer can be set to at most. */
  GRPC_CONNECTION_AGE_MS: z.coerce.number().int().min(1_000).max(1_900_000_000).default(1_800_000),
  /** Where GET /metrics is, for Prometheus; nowhere when 0. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** For tests only: this process may be made to fail; libs/failpoints says how. Refused in production. */
  FAILPOINTS: z.string().optional(),
  NODE_ENV: z.string().optional(),
  /** A file that gets the last words of a process that fails; Kubernetes shows what is in /dev/termination-log. */
  TERMINATION_LOG: z.string().min(1).optional(),
  /** What whoever deploys this takes it for: another major or minor version doesn't start. */
  EXPECTED_VERSION: expectedVersion.optional(),
  /** Where traces are sent, by OTLP over HTTP; off without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'must be an http:// URL' }).optional(),
});

/** What those read as well who take part in transactions. */
export const participantConfig = serviceConfig.extend({
  /**
   * How old a transaction must be for its first phases to be refused, a day before its barrier rows go: longer than
   * coordinators keep ended ones; 8 days.
   */
  BARRIER_RETENTION_MS: z.coerce
    .number()
    .int()
    .min(1_000)
    .default(8 * 86_400_000),
});

/** The URLs of several databases, separated by commas. */
export const postgresUrls = z
  .string()
  .transform((urls) => urls.split(',').map((url) => url.trim()))
  .pipe(z.array(postgresUrl));

export type ServiceConfig = z.infer<typeof serviceConfig>;

/** How many calls it takes on; false for as many as come. */
export function concurrencyOf(config: ServiceConfig): ConcurrencyLimits | false {
  const { CONCURRENCY_INITIAL: initial, CONCURRENCY_MIN: min, CONCURRENCY_MAX: max } = config;
  return initial > 0 && { initial, min, max, calm_ms: config.CONCURRENCY_CALM_MS };
}

const EX_CONFIG = 78;

/**
 * The configuration from environment variables, or the files that they name. Bad ones are named on stderr, and the process
 * exits with 78.
 */
export function readConfig<S extends z.ZodObject>(schema: S, environment: NodeJS.ProcessEnv): z.infer<S> {
  const { values, errors } = readEnvironment(Object.keys(schema.shape), environment);
  const result = schema.safeParse(values);
  if (result.success && errors.length === 0) return result.data;
  const issues = result.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
  process.stderr.write([...errors, ...issues].map((line) => `${line}\n`).join(''));
  process.exit(EX_CONFIG);
}
