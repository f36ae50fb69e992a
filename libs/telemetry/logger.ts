import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stdout, with the ids of the active span. */
export function createLogger(options: { readonly service: string; readonly level?: string }): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: { service: options.service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    mixin: spanIds,
  };
  // At once: otherwise the last words before an exit come out of order, or not at all.
  return pino(settings, pino.destination({ fd: 1, sync: true }));
}

function spanIds(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
