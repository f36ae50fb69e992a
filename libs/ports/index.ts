import { createServer } from 'node:net';

/**
 * Below the ports that systems give to connections (Linux from 32768, macOS from 49152): a port of those that was free a
 * moment ago can be any client's by the time somebody listens on it. From 30000 Kubernetes has its node ports.
 */
const first = 20_000;
const count = 10_000;

// By chance, so that processes that look for ports at the same time look in different places.
let next = Math.floor(Math.random() * count);
let triedInVain = 0;

/** A port of 127.0.0.1 that nobody listens on; with inARow it is the first of as many. None is given twice before all were. */
export async function freePort({ inARow = 1 } = {}): Promise<number> {
  for (; triedInVain < count; triedInVain++) {
    const offset = next + inARow > count ? 0 : next;
    next = offset + inARow;
    const ports = Array.from({ length: inARow }, (_, index) => first + offset + index);
    const isFree = await Promise.all(ports.map(tryPort)).then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    triedInVain = 0;
    return first + offset;
  }
  throw new Error(`all ports of 127.0.0.1 from ${first} to ${first + count - 1} are in use`);
}

/** Fails with the system's error (EADDRINUSE, EACCES) when the port of 127.0.0.1 can't be listened on. */
export function tryPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
}
