import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout, with the ids of the active span. */
export function createLogger(options: { readonly service: string; readonly level?: string }): Logger {
  return pino({ level: options.level ?? 'info', base: { service: options.service } });
}
