import {
  type Attributes,
  context,
  isSpanContextValid,
  type Link,
  type Span,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export const tracer: Tracer = trace.getTracer('assent');

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly links?: Link[];
}

/** W3C trace context of the active span, '' without one. */
export function traceparent(): string {
  const span = trace.getActiveSpan()?.spanContext();
  if (!span || !isSpanContextValid(span)) return '';
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** Does the work as part of the trace that a traceparent names; with '' or nonsense just does it. */
export function withTraceparent<T>(traceparent: string, work: () => T): T {
  const [, traceId, spanId, flags] =
    /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-|$)/.exec(traceparent) ?? [];
  if (!traceId || !spanId || !flags) return work();
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(parent)) return work();
  return context.with(trace.setSpanContext(context.active(), parent), work);
}

/** Does the work in a new span, which ends with it and says which error it threw. */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function fail(span: Span, error: unknown): void {
  const { name, message, code } =
    error instanceof Error ? (error as Error & { code?: unknown }) : { name: 'thrown', message: '', code: '' };
  span.setAttribute('error.type', String(code ?? name));
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
