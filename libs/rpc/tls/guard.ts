// Knows callers by their certificates, and refuses calls that aren't theirs to make.
import { X509Certificate } from 'node:crypto';
import { counter, type Logger } from '@assent/telemetry';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { RpcError } from '../errors.ts';
import { callersOf, headers, knownCallers } from './callers.ts';
import { isFor } from './certificates.ts';
import { createReminder } from './reminder.ts';

type GuardedCall = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getAuthContext'>;

/** Why a call is refused; undefined when it isn't. */
export type Guard = (call: GuardedCall) => RpcError | undefined;

/** How the guard of a method is made, such as `assent.order.v1.OrderService/GetOrder`. */
export type Guards = (method: string, log: Logger) => Guard;

interface Caller {
  /** What the service is called; undefined when the certificate is of none that may call anything. */
  readonly service: string | undefined;
  /** All names in its certificate. */
  readonly names: string;
}

const denied = counter(
  'assent_rpc_server_denied_total',
  'Calls that were refused because of who made them, by the certificate.',
  ['rpc_method', 'caller'],
);

/** @param nameOf the DNS name in the certificate of a service */
export function createGuards(nameOf: (service: string) => string): Guards {
  const identify = identifier(nameOf);
  return (method, log) => {
    const allowed = callersOf(method);
    const refuse = refuser(method, log);
    const guarded = Object.entries(headers);
    return (call) => {
      const caller = identify(call);
      if (!caller) return new RpcError('CANCELLED', 'the connection is gone');
      const { service } = caller;
      if (service === undefined || !allowed.includes(service)) return refuse(caller, `may not call ${method}`);
      const header = guarded.find(([name, from]) => !from.includes(service) && call.metadata.get(name).length > 0);
      return header && refuse(caller, `may not send ${header[0]}`);
    };
  };
}

/** Who calls, looked up once for each connection; undefined when that is gone. */
function identifier(nameOf: (service: string) => string): (call: GuardedCall) => Caller | undefined {
  const known = knownCallers.map((service) => ({ service, name: nameOf(service) }));
  const seen = new WeakMap<object, Caller>();
  const read = (call: GuardedCall): Caller | undefined => {
    const { sslPeerCertificate: shown } = call.getAuthContext();
    if (!shown) return undefined;
    const certificate = new X509Certificate(shown.raw);
    const service = known.find(({ name }) => isFor(certificate, name))?.service;
    return { service, names: certificate.subjectAltName ?? 'without a name' };
  };
  return (call) => {
    const session = sessionOf(call);
    const caller = (session && seen.get(session)) ?? read(call);
    if (session && caller) seen.set(session, caller);
    return caller;
  };
}

/** The connection of a call. grpc-js doesn't show it, and reading a certificate takes as long as a small call. */
function sessionOf(call: GuardedCall): object | undefined {
  return (call as { call?: { stream?: { session?: object } } }).call?.stream?.session;
}

/** Refuses, counts, and logs each caller once a minute at most. */
function refuser(method: string, log: Logger): (caller: Caller, reason: string) => RpcError {
  const reminders = new Map<string, ReturnType<typeof createReminder>>();
  return ({ service, names }, reason) => {
    const caller = service ?? 'other';
    denied.labels(method, caller).inc();
    const remind = reminders.get(caller) ?? createReminder();
    reminders.set(caller, remind);
    remind((calls) => log.warn({ method, caller, names, calls }, `a call was refused: ${service ?? names} ${reason}`));
    return new RpcError('PERMISSION_DENIED', `${service ?? names} ${reason}`, { reason: 'NOT_FOR_CALLER' });
  };
}
