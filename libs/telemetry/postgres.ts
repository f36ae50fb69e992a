// Spans for SQL statements, by OpenTelemetry's instrumentation of pg.
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import pg from 'pg';

/**
 * The instrumentation patches pg when pg is loaded, through a hook that must be there before. We have it patch the pg that
 * is loaded already: no order of imports to keep, no loader hook, no --import.
 */
class LoadedPgInstrumentation extends PgInstrumentation {
  instrument(): void {
    for (const { name, patch } of this.init()) if (name === 'pg') patch?.(pg);
  }
}

export function instrumentPostgres(): void {
  const instrumentation = new LoadedPgInstrumentation({
    // Its own hook has nothing to do.
    enabled: false,
    requireParentSpan: true,
    ignoreConnectSpans: true,
    // Values stay out of the spans.
    enhancedDatabaseReporting: false,
    requestHook(span, { query, connection }) {
      span.updateName(`${operation(query.text)} ${connection.database}`);
    },
  });
  instrumentation.instrument();
}

function operation(text: string): string {
  return /\w+/.exec(text.replace(/^BEGIN;/, ''))?.[0].toUpperCase() ?? 'SQL';
}
