// Cancelling what runs on a connection. PostgreSQL takes such a request on another connection, and whatever runs when it
// arrives is hit: what was meant may be over by then, or not have begun.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** What pg's clients and connections have beside their published types. */
interface WireClient {
  readonly host: string;
  readonly port: number;
  readonly ssl: object | boolean;
  readonly processID: number;
  readonly secretKey: number;
}

interface WireConnection extends Omit<pg.Connection, 'connect'> {
  connect(portOrPath: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

const TIMEOUT_MS = 2_000;
/** A statement that is still there is asked again: the request before may have come before it. */
const AGAIN_MS = { first_ms: 20, cap_ms: 1_000 } as const;

/**
 * Has cancelled what runs on the connection, until nothing does any more; `running` gives the last statement that does. When
 * it resolves, no request is on its way: what is sent from then on isn't hit. When it rejects, one may be, and the
 * connection can't be used any more.
 */
export async function cancelWhile(running: () => Promise<unknown> | undefined, client: pg.PoolClient): Promise<void> {
  let pause_ms: number = AGAIN_MS.first_ms;
  for (let last = running(); last; last = running()) {
    await requestCancel(client as unknown as WireClient);
    const waiting = new AbortController();
    const ended = last.catch(() => {});
    await Promise.race([ended, sleep(pause_ms, undefined, waiting).catch(() => {})]);
    waiting.abort();
    pause_ms = Math.min(AGAIN_MS.cap_ms, 2 * pause_ms);
  }
}

/**
 * Resolves when the server has closed the connection that brought the request, which it does after it has sent its signal.
 * A process that gets the signal while it waits for a statement forgets it before it looks at the next one.
 */
async function requestCancel({ host, port, ssl, processID, secretKey }: WireClient): Promise<void> {
  const connection = new pg.Connection({ ssl } as pg.ConnectionConfig) as unknown as WireConnection;
  const { stream } = connection;
  const late = setTimeout(() => stream.destroy(new Error('the server takes no request to cancel in time')), TIMEOUT_MS);
  const send = () => connection.cancel(processID, secretKey);
  connection.on('error', () => {});
  connection.once('connect', ssl ? () => connection.requestSsl() : send).once('sslconnect', send);
  try {
    if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`);
    else connection.connect(port, host);
    await once(connection, 'end');
  } finally {
    clearTimeout(late);
  }
}
