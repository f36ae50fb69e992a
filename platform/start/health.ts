import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

const check = service.Check as MethodDefinition<{ service: string }, { status: string }>;

/** Between two checks. */
const period_ms = 500;
const timeout_ms = 1000;
/** So many checks in a row without an answer, and it doesn't serve; an answer is believed at once. */
const patience = 2;

/** Asks a server for its gRPC health again and again, and says when it changes. Returns what stops that. */
export function watchHealth(port: number, onChange: (serving: boolean) => void): () => void {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': period_ms,
    'grpc.max_reconnect_backoff_ms': period_ms,
    'grpc.enable_http_proxy': 0,
  });
  let serving = false;
  let stopped = false;
  let silent = 0;
  let timer: NodeJS.Timeout;
  const ask = () =>
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: '' },
      { deadline: Date.now() + timeout_ms },
      answered,
    );
  const answered = (error: ServiceError | null, response?: { status: string }) => {
    if (stopped) return;
    silent = error ? silent + 1 : 0;
    const now = error ? serving && silent < patience : response?.status === 'SERVING';
    const changed = now !== serving;
    serving = now;
    if (changed) onChange(now);
    if (!stopped) timer = setTimeout(ask, period_ms);
  };
  ask();
  return () => {
    stopped = true;
    clearTimeout(timer);
    client.close();
  };
}
