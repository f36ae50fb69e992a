// A slow line to PostgreSQL, on which tests count round trips and lose answers.
import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  /** Of the same database, over the line. */
  readonly url: string;
  /** How often the client has sent something and waited, on all connections. */
  roundTrips(): number;
  /** Breaks the connection that sends a text, when the server has answered and the client doesn't know it yet. Once. */
  loseAnswerTo(text: string): void;
  close(): void;
}

/** What is sent within this time is one round trip's. */
const line_ms = 5;

export async function openWire(to: string): Promise<Wire> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  let doomed: string | undefined;

  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const destroy = () => [client, database].map((socket) => socket.destroy());
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', destroy).on('close', destroy).setNoDelay();
    }
    let sending: Buffer[] = [];
    let losing = false;
    client.on('data', (data) => {
      if (sending.length === 0) setTimeout(send, line_ms);
      sending.push(data);
    });
    database.on('data', (data) => (losing ? destroy() : client.write(data)));
    function send(): void {
      const data = Buffer.concat(sending);
      sending = [];
      roundTrips++;
      losing = doomed !== undefined && data.includes(doomed);
      if (losing) doomed = undefined;
      database.write(data);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(to);
  url.port = String((server.address() as { port: number }).port);

  return {
    url: url.href,
    roundTrips: () => roundTrips,
    loseAnswerTo(text) {
      doomed = text;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
