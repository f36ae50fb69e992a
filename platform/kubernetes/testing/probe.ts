// Runs in a pod, where it comes by a Secret: makes the calls of a plan, and prints what each was answered, a line of JSON for each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from '@assent/protos';
import { connect, RpcError } from '@assent/rpc';
import { credentials } from '@grpc/grpc-js';

export interface RpcCall {
  readonly about: string;
  /** Host and port. */
  readonly target: string;
  /** What it shows: no TLS, a certificate from a directory, or none. */
  readonly as: { readonly tls: false } | { readonly tls: true; readonly directory: string; readonly isShown: boolean };
  /** The DNS name that is demanded of the server. */
  readonly name: string;
  /** Such as `assent.order.v1.OrderService/GetOrder`; with an empty request. */
  readonly method: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface HttpCall {
  readonly about: string;
  readonly url: string;
  readonly token?: string;
}

export interface Plan {
  readonly rpc: readonly RpcCall[];
  readonly http: readonly HttpCall[];
}

export interface Answer {
  readonly about: string;
  /** OK, or the name of a gRPC status. */
  readonly code: string;
  readonly reason?: string | undefined;
  readonly message?: string;
}

const timeout_ms = 30_000;
const services: readonly contracts.Service[] = [
  contracts.CoordinatorService,
  contracts.InventoryService,
  contracts.OrderService,
  contracts.ParticipantService,
  contracts.PaymentService,
];
type Method = (request: object, options: object) => Promise<unknown> | AsyncIterable<unknown>;

async function call({ about, target, as, name, method, metadata = {} }: RpcCall): Promise<Answer> {
  const [rpc = '', own = ''] = method.split('/');
  const service = services.find(({ name }) => name === rpc)!;
  const serviceConfig = { methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: 1 } }] };
  const tls = credentialsOf(as);
  const options = { target, timeout_ms, serviceConfig, tls: tls && { credentials: tls, name } };
  const client = connect(service, options) as Record<string, unknown> & { close(): void };
  try {
    const answer = (client[own[0]?.toLowerCase() + own.slice(1)] as Method)({}, { metadata });
    if (Symbol.asyncIterator in answer) await answer[Symbol.asyncIterator]().next();
    else await answer;
    return { about, code: 'OK' };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { about, code: error.code, reason: error.reason, message: error.message };
  } finally {
    client.close();
  }
}

function credentialsOf(as: RpcCall['as']) {
  if (!as.tls) return undefined;
  const read = (name: string) => readFileSync(join(as.directory, name));
  return as.isShown
    ? credentials.createSsl(read('ca.crt'), read('tls.key'), read('tls.crt'))
    : credentials.createSsl(read('ca.crt'));
}

async function post({ about, url, token }: HttpCall): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const body = JSON.stringify({ reason: 'a test' });
  const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeout_ms) });
  const { code, reason, detail } = (await answer.json()) as { code?: string; reason?: string; detail?: string };
  return { about, code: code ?? String(answer.status), reason, message: detail ?? '' };
}

const { rpc, http }: Plan = JSON.parse(readFileSync(join(import.meta.dirname, 'plan.json'), 'utf8'));
for (const one of rpc) console.log(JSON.stringify(await call(one)));
for (const one of http) console.log(JSON.stringify(await post(one)));
