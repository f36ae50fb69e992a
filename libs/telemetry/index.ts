export { createLogger, type Logger } from './logger.ts';
export { startTelemetry, type Telemetry } from './start.ts';
export { inSpan, type SpanOptions, traceparent, tracer, withTraceparent } from './trace.ts';
