export { createLogger, type Logger } from './logger.ts';
export { type Counter, counter, type Gauge, gauge, type Histogram, histogram, type Sample } from './metrics.ts';
export { addStrain, strain_ms, watchRuntime } from './runtime.ts';
export { startTelemetry, type Telemetry } from './start.ts';
export { inSpan, type SpanOptions, traceparent, tracer, withTraceparent } from './trace.ts';
