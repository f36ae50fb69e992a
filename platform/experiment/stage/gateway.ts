// The shop's own gateway before the replicas: GET /v1/products/{sku} comes to them as GetProduct.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '@assent/ports';
import { Pool } from 'undici';
import { inheritedEnvironment, repository } from '../../config.ts';

export interface Gateway {
  readonly url: string;
  signal(name: NodeJS.Signals): void;
  readonly ended: Promise<unknown>;
}

const startTimeout_ms = 60_000;

/** Starts it with what it does by itself; `target` has {service} where the name of a service goes. */
export async function startGateway(target: string, timeout_ms: number): Promise<Gateway> {
  const httpPort = await freePort();
  const child = fork(join(repository, 'services/gateway/main.ts'), {
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {
      ...inheritedEnvironment(),
      HOST: '127.0.0.1',
      PORT: '0',
      HTTP_PORT: String(httpPort),
      SERVICE_TARGET: target,
      REQUEST_TIMEOUT_MS: String(timeout_ms),
      LOG_LEVEL: 'fatal',
    },
  });
  const ended = once(child, 'exit');
  try {
    // The first thing it says is that it serves.
    await Promise.race([
      once(child, 'message', { signal: AbortSignal.timeout(startTimeout_ms) }),
      ended.then(() => Promise.reject(new Error('it has ended'))),
    ]);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the gateway doesn't start: ${(error as Error).message}`);
  }
  return { url: `http://127.0.0.1:${httpPort}`, signal: (name) => void child.kill(name), ended };
}

/** Calls GetProduct as REST. An answer that isn't 200 fails with `HTTP` and its status as the code. */
export function connectRest(url: string, timeout_ms: number) {
  const pool = new Pool(url, { connections: 256, headersTimeout: timeout_ms, bodyTimeout: timeout_ms });
  return {
    async getProduct({ sku }: { sku: string }) {
      const { statusCode, body } = await pool.request({ method: 'GET', path: `/v1/products/${sku}` });
      const product = (await body.json()) as { name?: string };
      if (statusCode !== 200) throw Object.assign(new Error('not answered'), { code: `HTTP ${statusCode}` });
      return { product };
    },
    close: () => pool.destroy(),
  };
}
