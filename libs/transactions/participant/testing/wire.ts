// A slow line to PostgreSQL, on which tests count round trips and lose answers.
import { connect, createServer, type Socket } from 'node:net';

export interface Wire {
  /** Of the same database, over the line. */
  readonly url: string;
  /** How often the client has sent something and waited, on all connections. */
  roundTrips(): number;
  /** Breaks the connection on which the server says that a command (its tag, COMMIT for one) is done. Once. */
  loseAnswerTo(command: string): void;
  /** Breaks the connection on which the server says the nth thing from now on, from 1. Whether it has. */
  loseAnswer(nth: number): () => boolean;
  close(): void;
}

/** What is sent within this time is one round trip's. */
const line_ms = 5;

export async function openWire(to: string): Promise<Wire> {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  let doomed: string | undefined;
  let countdown = 0;

  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname);
    const destroy = () => [client, database].map((socket) => socket.destroy());
    for (const socket of [client, database]) {
      sockets.add(socket);
      socket.on('error', destroy).on('close', destroy).setNoDelay();
    }
    let sending: Buffer[] = [];
    let before = Buffer.alloc(0);
    client.on('data', (data) => {
      if (sending.length === 0) setTimeout(send, line_ms);
      sending.push(data);
    });
    database.on('data', (data) => {
      // Only the tag says that it is done: what came before it may still be on its way when the command is sent.
      const answered = Buffer.concat([before.subarray(-(doomed?.length ?? 0)), data]);
      before = data;
      if (countdown > 0 && --countdown === 0) return void destroy();
      if (!doomed || !answered.includes(`${doomed}\0`)) return void client.write(data);
      doomed = undefined;
      destroy();
    });
    function send(): void {
      const data = Buffer.concat(sending);
      sending = [];
      roundTrips++;
      database.write(data);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(to);
  url.port = String((server.address() as { port: number }).port);

  return {
    url: url.href,
    roundTrips: () => roundTrips,
    loseAnswerTo(command) {
      doomed = command;
    },
    loseAnswer(nth) {
      countdown = nth;
      return () => countdown === 0;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
