import { z } from 'zod';

/** What every service reads from its environment. */
export const serviceConfig = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(50051),
  /** Where other services are, with {service} for the name: `file:///run/endpoints.json#{service}`. */
  SERVICE_TARGET: z.string().min(1).optional(),
  DATABASE_URL: z.string().min(1).optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(10),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  DRAIN_TIMEOUT_MS: z.coerce.number().int().min(0).max(600_000).default(10_000),
  DRAIN_DELAY_MS: z.coerce.number().int().min(0).max(600_000).default(0),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

export type ServiceConfig = z.infer<typeof serviceConfig>;

/** The configuration from environment variables; a bad one is named on stderr and ends the process with code 78. */
export function readConfig<S extends z.ZodType>(_schema: S, _environment: NodeJS.ProcessEnv): z.infer<S> {
  throw new Error('to be written');
}
