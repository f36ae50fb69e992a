import { openEdgeTls } from '@assent/rpc';
import { concurrencyOf, runService } from '@assent/service';
import { connectBackends } from './backends.ts';
import { config } from './config.ts';
import { edgeServices } from './edge.ts';
import { startHttp } from './http/server.ts';
import { openEntrance } from './opening.ts';

await runService({
  name: 'gateway',
  config,
  async start({ log, connect }) {
    const { EDGE_TLS_DIRECTORY: directory } = config;
    const tls = directory === undefined ? undefined : await openEdgeTls({ directory, log });
    const backends = connectBackends(connect);
    const entrance = await openEntrance(config, log);
    const limits = {
      timeout_ms: config.REQUEST_TIMEOUT_MS,
      streamTimeout_ms: config.STREAM_TIMEOUT_MS,
      enter: entrance.enter,
    };
    const http = await startHttp({
      ...limits,
      host: config.HOST,
      port: config.HTTP_PORT,
      backends,
      log,
      bodyLimit_bytes: config.BODY_LIMIT_BYTES,
      concurrency: concurrencyOf(config),
      maxInFlight: config.MAX_IN_FLIGHT,
      maxStreams: config.MAX_STREAMS,
      maxConnections: config.MAX_CONNECTIONS,
      tls,
    });
    log.info({ port: http.port }, 'REST is up');
    return {
      services: edgeServices(backends, limits),
      tls: tls?.server ?? null,
      leave: http.leave,
      beforeDrain: () => http.drain(config.DRAIN_TIMEOUT_MS),
      afterDrain: async () => entrance.close(),
    };
  },
});
