// What a person sees: each event as some lines.
import { styleText } from 'node:util';
import type { Money } from '../api.ts';
import type { Event, LogEntry, Ready, SampleOrder } from './events.ts';

/** Colours only where the stream is a terminal. */
type Format = Parameters<typeof styleText>[0];
const paint = (format: Format, text: string) => styleText(format, text, { stream: process.stdout });

/** The event for people; undefined for one that isn't worth a line. */
export function describe(event: Event, verbose: boolean): string | undefined {
  switch (event.type) {
    case 'cleared':
      return `Cleared what process ${event.supervisor_pid} had left: ${event.processes} processes, ${event.directory}`;
    case 'ready':
      return describeReady(event);
    case 'order':
      return describeOrder(event);
    case 'complete':
      return `\nAll ${event.processes} processes of the services run, after ${event.seconds.toFixed(1)} s. Ctrl-C stops them.`;
    case 'serving':
    case 'not_serving':
      return verbose ? `${event.replica} is ${event.type.replace('_', ' ')} (process ${event.pid})` : undefined;
    case 'died':
      return `${paint('yellow', event.replica)} ${event.cause}; it starts again in ${seconds(event.restartIn_ms)}`;
    case 'log':
      return describeEntry(event.replica, event.entry);
    case 'postgres':
      return verbose ? `PostgreSQL is up on port ${event.port}` : undefined;
    case 'stopping':
      return `Stopping (${event.cause}); once more stops at once`;
    case 'stopped':
      return `Stopped in ${event.seconds.toFixed(1)} s`;
  }
}

function describeReady({ seconds, rest, grpc, directory, temporary, replicas, pid }: Ready): string {
  const url = rest.replace(/\/v1$/, '');
  return `${paint(['bold', 'green'], 'Assent is ready')} after ${seconds.toFixed(1)} s

  REST  ${paint('cyan', rest)}   documentation: ${url}/docs
  gRPC  ${paint('cyan', grpc)}
  Runs  gateway; ${replicas} × coordinator, order, inventory, payment; PostgreSQL
  Data  ${directory}${temporary ? ', removed at the end' : ''}; logs/ in there, and metrics.json: where /metrics of each replica is

Try it:

  curl -s ${rest}/products
  curl -s ${rest}/orders -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s%N)" \\
    -d '{"accountId":"alice","lines":[{"sku":"moka-pot","quantity":1}],"mode":"SAGA"}'
  grpcurl -plaintext ${grpc} list
  grpcurl -plaintext -d '{"account_id":"bob","lines":[{"sku":"mug","quantity":1}],"mode":"TCC","idempotency_key":"'$(date +%s%N)'"}' \\
    ${grpc} assent.order.v1.OrderService/PlaceOrder

Break it: kill -9 any of its processes (pgrep -P ${pid} -fa services), then see what came of it: npx pnpm@10 check

One order in each mode:
`;
}

/** A sample order and what became of it. */
export function describeOrder({ mode, status, reason, what, total, latency_ms, orderId }: SampleOrder): string {
  const outcome = paint(status === 'CONFIRMED' ? 'green' : 'red', reason ? `${status} (${reason})` : status);
  return `  ${mode.padEnd(9)}  ${outcome}  ${what}: ${money(total)} in ${latency_ms} ms\n             order ${orderId}`;
}

function money(total: Money | undefined): string {
  return total ? `${(Number(total.amount) / 100).toFixed(2)} ${total.currency}` : '';
}

/** A line of a service's log without what everybody knows. */
function describeEntry(replica: string, entry: LogEntry): string {
  const { level, time, msg, service: _, pid: __, err, ...rest } = entry;
  const cause = (err as { message?: string } | undefined)?.message;
  const details = Object.entries(rest).map(([key, value]) => ` ${key}=${printable(value)}`);
  const text = cause && !msg.includes(cause) ? `${msg}: ${cause}` : msg;
  const clock = paint('gray', time.slice(11, 23));
  const name = paint(colours[level] ?? 'gray', level.toUpperCase().padEnd(5));
  return `${clock} ${name} ${replica}  ${text}${paint('gray', details.join(''))}`;
}

const colours: Readonly<Record<string, Format>> = { warn: 'yellow', error: 'red', fatal: 'red' };

function printable(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
