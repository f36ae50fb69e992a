// A program for the tests of this package: some statements in a span. The database and the endpoint are its arguments.
import pg from 'pg';
import { createLogger, inSpan, startTelemetry, traceparent, withTraceparent } from '../index.ts';

const [, , database, endpoint] = process.argv;
const telemetry = await startTelemetry({ service: 'fixture', ...(endpoint && { endpoint }) });
const log = createLogger({ service: 'fixture' });
const pool = new pg.Pool({ connectionString: database, max: 1 });

log.info('outside');
await pool.query('select 0 as outside');
await withTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', () =>
  inSpan('work', { attributes: { answer: 42 } }, async () => {
    log.info({ traceparent: traceparent() }, 'inside');
    await pool.query({ name: 'one', text: 'select $1::text as inside', values: ['a secret value'] });
    await inSpan('failing', {}, () => pool.query('select 1/0')).catch(() => {});
    log.info('inside still');
  }),
);
await pool.end();
await telemetry.shutdown();
