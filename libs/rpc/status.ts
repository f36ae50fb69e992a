// RpcErrors on the wire: a gRPC status whose details are google.rpc messages (https://google.aip.dev/193).
import { packageDefinition } from '@assent/protos';
import { Metadata, status as Status, type StatusObject } from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { type Code, RpcError, type RpcErrorOptions } from './errors.ts';

interface Any {
  readonly type_url: string;
  readonly value: Buffer;
}

/** A google.rpc.Status. */
export interface StatusMessage {
  readonly code: number;
  readonly message: string;
  readonly details: Any[];
}

const message = <T>(name: string) => packageDefinition[`google.rpc.${name}`] as unknown as MessageTypeDefinition<T, T>;
const WireStatus = message<StatusMessage>('Status');
const ErrorInfo = message<{ reason: string; domain: string }>('ErrorInfo');
const BadRequest = message<{ fieldViolations: { field: string; description: string }[] }>('BadRequest');
const RetryInfo = message<{ retryDelay: { seconds: string; nanos: number } | null }>('RetryInfo');

const DETAILS = 'grpc-status-details-bin';
/** For gRPC clients that retry by themselves: https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback */
const PUSHBACK = 'grpc-retry-pushback-ms';
const TYPE_URL = 'type.googleapis.com/google.rpc.';

/** A client takes 64 kB of trailers, and texts can quote what the request said. */
const MAX_TEXT = 1_000;
const MAX_FIELD = 200;
const MAX_VIOLATIONS = 20;

/** An error as a google.rpc.Status, such as a batch has for each of its items. */
export function toMessage(error: RpcError): StatusMessage {
  return { code: Status[error.code], message: cut(error.message, MAX_TEXT), details: toDetails(error) };
}

/** The error that a google.rpc.Status stands for. */
export function fromMessage({ code, message, details }: StatusMessage): RpcError {
  return new RpcError((Status[code] ?? 'UNKNOWN') as Code, message, fromDetails(details));
}

/** The status that a server answers with. */
export function toStatus(error: RpcError): StatusObject {
  const message = toMessage(error);
  const metadata = new Metadata();
  metadata.set(DETAILS, WireStatus.serialize(message));
  if (error.retryDelay_ms !== undefined) metadata.set(PUSHBACK, String(Math.ceil(error.retryDelay_ms)));
  return { code: message.code, details: message.message, metadata };
}

function toDetails({ reason, violations, retryDelay_ms }: RpcError): Any[] {
  const details: Any[] = [];
  const add = <T>(name: string, type: MessageTypeDefinition<T, T>, value: T) =>
    details.push({ type_url: TYPE_URL + name, value: type.serialize(value) });
  if (reason !== undefined) add('ErrorInfo', ErrorInfo, { reason: cut(reason, MAX_FIELD), domain: 'assent' });
  if (violations !== undefined) {
    const fieldViolations = violations.slice(0, MAX_VIOLATIONS).map(({ field, description }) => ({
      field: cut(field, MAX_FIELD),
      description: cut(description, MAX_FIELD),
    }));
    add('BadRequest', BadRequest, { fieldViolations });
  }
  if (retryDelay_ms !== undefined) add('RetryInfo', RetryInfo, { retryDelay: toDuration(retryDelay_ms) });
  return details;
}

// Half a surrogate pair has no UTF-8: grpc-js would throw.
const cut = (text: string, length: number) => text.slice(0, length).toWellFormed();

const toDuration = (ms: number) => ({ seconds: String(Math.floor(ms / 1_000)), nanos: Math.round((ms % 1_000) * 1e6) });

/**
 * The error that a status stands for. `method` is the full name of the method that was called, `cancelled` says whether
 * the caller has cancelled the call.
 */
export function fromStatus({ code, details, metadata }: StatusObject, method: string, cancelled: boolean): RpcError {
  const known = (Status[code] ?? 'UNKNOWN') as Code;
  const sent = metadata.get(DETAILS)[0];
  if (Buffer.isBuffer(sent)) return new RpcError(known, details, fromDetails(parse(sent)));
  // Our servers always send details. Anything else comes from the connection, and its text is for the log. A call that
  // ends as cancelled and was not has been cut off by a server that shuts down.
  const name = code === Status.CANCELLED && !cancelled ? 'UNAVAILABLE' : known;
  return new RpcError(name, transportMessage(name, method), { cause: new Error(details) });
}

function parse(sent: Buffer): Any[] {
  try {
    return WireStatus.deserialize(sent).details;
  } catch {
    // The code and the text are enough.
    return [];
  }
}

function fromDetails(details: readonly Any[]): RpcErrorOptions {
  try {
    const find = <T>(name: string, type: MessageTypeDefinition<T, T>) => {
      const found = details.find(({ type_url }) => type_url === TYPE_URL + name);
      return found && type.deserialize(found.value);
    };
    const retryDelay = find('RetryInfo', RetryInfo)?.retryDelay;
    return {
      reason: find('ErrorInfo', ErrorInfo)?.reason,
      violations: find('BadRequest', BadRequest)?.fieldViolations.map(({ field, description }) => ({
        field,
        description,
      })),
      retryDelay_ms: retryDelay ? Number(retryDelay.seconds) * 1_000 + retryDelay.nanos / 1e6 : undefined,
    };
  } catch {
    return {};
  }
}

function transportMessage(code: Code, method: string): string {
  switch (code) {
    case 'UNAVAILABLE':
      return `${method} is not available`;
    case 'DEADLINE_EXCEEDED':
      return `${method} did not answer in time`;
    case 'CANCELLED':
      return `${method} was cancelled`;
    case 'UNIMPLEMENTED':
      return `${method} is not implemented`;
    case 'RESOURCE_EXHAUSTED':
      return `${method} had to do with too much: a message that is too large, or too many calls`;
    default:
      return `${method} failed`;
  }
}
