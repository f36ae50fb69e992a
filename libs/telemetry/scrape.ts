// The metrics over HTTP, in Prometheus' text format. Loaded only when somebody is to see them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type * as prom from 'prom-client';

// The parts, as in metrics.ts.
const require = createRequire(import.meta.url);
const { globalRegistry: register } = require('prom-client/lib/registry') as { globalRegistry: prom.Registry };
const collectDefaultMetrics = require('prom-client/lib/defaultMetrics') as typeof prom.collectDefaultMetrics;

export interface MetricsServer {
  readonly port: number;
  close(): void;
}

/** Serves GET /metrics, with those of the process itself too. Port 0 takes a free one. */
export async function serveMetrics({ host, port }: { host: string; port: number }): Promise<MetricsServer> {
  if (!register.getSingleMetric('process_cpu_seconds_total')) collectDefaultMetrics();
  // However many ask, it is put together once at a time.
  let current: Promise<string> | undefined;
  const server = createServer(async ({ method, url = '' }, response) => {
    if (url.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    current ??= register.metrics().finally(() => {
      current = undefined;
    });
    const text = await current.catch(() => undefined);
    if (text === undefined) return void response.writeHead(500).end();
    response.writeHead(200, { 'content-type': register.contentType }).end(text);
  });
  server.maxConnections = 100;
  server.requestTimeout = 10_000;
  server.listen(port, host);
  await once(server, 'listening');
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
