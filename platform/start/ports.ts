import { createServer } from 'node:net';

const given = new Set<number>();

/** A port of 127.0.0.1 that is free now and was not given before. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await tryPort(0);
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

/** Fails when the port of 127.0.0.1 can't be listened on. */
export async function demandPort(port: number): Promise<void> {
  try {
    await tryPort(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') throw new Error(`port ${port} is in use; choose another one with --port`);
    if (code === 'EACCES') throw new Error(`port ${port} is not permitted; choose another one with --port`);
    throw error;
  }
}

/** The first two of 127.0.0.1 in a row that are free, for REST and gRPC. */
export async function freePorts(): Promise<number> {
  for (let port = 18_080; ; port += 2) {
    const isFree = await Promise.all([demandPort(port), demandPort(port + 1)]).then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
}

function tryPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
