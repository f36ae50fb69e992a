// Loaded only when traces are to be sent: the SDK takes longer to load than all the rest of a service.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { envDetector, serviceInstanceIdDetector } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { instrumentPostgres } from './postgres.ts';
import type { Telemetry } from './start.ts';

const TIMEOUT_MS = 3000;

export function startSdk(service: string, endpoint: string): Telemetry {
  const sdk = new NodeSDK({
    serviceName: service,
    resourceDetectors: [envDetector, serviceInstanceIdDetector],
    traceExporter: new OTLPTraceExporter({
      url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
      timeoutMillis: TIMEOUT_MS,
    }),
    // By default it would send these too, to wherever the environment says.
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  instrumentPostgres();
  return { shutdown: () => shutdown(sdk) };
}

async function shutdown(sdk: NodeSDK): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, TIMEOUT_MS);
  // A receiver that isn't there must not keep a service from ending.
  await Promise.race([sdk.shutdown().catch(() => {}), timeout]);
  clearTimeout(timer);
}
