import { isIPv6 } from 'node:net';
import { type Server, type ServerCredentials, setLogger } from '@grpc/grpc-js';

/**
 * Makes a server listen; its port, which is a free one for 0. Fails when the address can't be had.
 */
export function bind(server: Server, host: string, port: number, credentials: ServerCredentials): Promise<number> {
  // What grpc-js would say by itself is what is thrown anyway.
  setLogger({});
  const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error) reject(new Error(`can't listen on ${address}: ${error.message}`, { cause: error }));
      else resolve(bound);
    });
  });
}
