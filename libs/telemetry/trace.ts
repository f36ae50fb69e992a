import { type Attributes, type Link, type Span, type SpanKind, type Tracer, trace } from '@opentelemetry/api';

export const tracer: Tracer = trace.getTracer('assent');

export interface SpanOptions {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly links?: Link[];
}

/** W3C trace context of the active span, '' without one. */
export function traceparent(): string {
  throw new Error('to be written');
}

/** Does the work as a child of the span that a traceparent names; with '' or nonsense just does it. */
export function withTraceparent<T>(_traceparent: string, _work: () => T): T {
  throw new Error('to be written');
}

/** Does the work in a new span, which ends with it and records the error that it throws. */
export function inSpan<T>(_name: string, _options: SpanOptions, _work: (span: Span) => Promise<T>): Promise<T> {
  throw new Error('to be written');
}
