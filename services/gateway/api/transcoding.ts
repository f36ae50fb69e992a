// HTTP requests as messages, and messages as HTTP responses, compiled for each route.
import { invalid } from '@assent/rpc';
import protobuf, { type Field } from 'protobufjs';
import { jsonName } from './contracts.ts';
import { readDocument } from './json/document.ts';
import { messageReader, messageWriter, valueMapping } from './json/messages.ts';
import { type Reader, type Reading, readAt, startReading, wrong } from './json/reading.ts';
import { type Route, routes } from './routes.ts';

/** The parts of an HTTP request that fields come from. */
export interface RequestParts {
  /** Decoded, in the order of the route's path fields. */
  readonly pathValues: readonly string[];
  /** Values by name; a list when a name is there more than once. */
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
  readonly idempotencyKey: string | undefined;
}

export interface Transcoder {
  /** The request as bytes on the wire. Throws INVALID_ARGUMENT. */
  request(parts: RequestParts): Uint8Array;
  /** The JSON of a response. */
  response(bytes: Uint8Array): string;
}

const keyHeader = 'Idempotency-Key';

export const transcoders: ReadonlyMap<Route, Transcoder> = new Map(
  routes.map((route) => [route, { request: requestTranscoder(route), response: responseTranscoder(route) }]),
);

function requestTranscoder(route: Route): Transcoder['request'] {
  const { request, pathFields, keyField, hasBody } = route;
  const elsewhere = new Map(pathFields.map((field) => [field, 'the path']));
  if (keyField) elsewhere.set(keyField, `the header ${keyHeader}`);
  const readBody = messageReader(request, elsewhere);
  const readQuery = queryReader(hasBody ? [] : request.fieldsArray.filter(({ name }) => !elsewhere.has(name)));
  const path = pathFields.map((name) => ({ name, key: jsonName(name), read: textReader(request.fields[name]!) }));
  return ({ pathValues, query, body, idempotencyKey }) => {
    const reading = startReading();
    const message = hasBody ? readDocument(body, readBody, reading) : {};
    readQuery(query, message, reading);
    path.forEach(({ name, key, read }, index) => {
      message[name] = readAt(reading, key, read, pathValues[index]);
    });
    if (keyField) message[keyField] = readAt(reading, keyHeader, readKey, idempotencyKey);
    if (reading.violations.length > 0) throw invalid(reading.violations);
    return request.encode(message).finish();
  };
}

/** Reads the query into a message. Only single values can be in it. */
function queryReader(fields: readonly Field[]) {
  const readers = new Map<string, { name: string; read: Reader }>();
  for (const field of fields.filter(isText)) {
    const read = textReader(field);
    for (const key of [field.name, jsonName(field.name)]) readers.set(key, { name: field.name, read });
  }
  return (query: RequestParts['query'], message: Record<string, unknown>, reading: Reading): void => {
    for (const key of Object.keys(query)) {
      const reader = readers.get(key);
      if (!reader) readAt(reading, key, unknownParameter, undefined);
      else {
        const twice = Object.hasOwn(message, reader.name) || Array.isArray(query[key]);
        message[reader.name] = readAt(reading, key, twice ? secondTime : reader.read, query[key]);
      }
    }
  };
}

/** Messages can't be in the query, unless they are a text in JSON. */
function isText({ resolvedType }: Field): boolean {
  return !(resolvedType instanceof protobuf.Type) || resolvedType.fullName.startsWith('.google.protobuf.');
}

const unknownParameter: Reader = (_, reading) => wrong(reading, 'unknown parameter');
const secondTime: Reader = (_, reading) => wrong(reading, 'is there twice');

const booleans = new Map<unknown, boolean>([
  ['true', true],
  ['false', false],
]);

/** Reads text, which says less about its type than JSON does. */
function textReader(field: Field): Reader {
  const { read } = valueMapping(field);
  if (field.repeated) throw new Error(`${field.fullName}: a list can't be in the path or query here`);
  if (field.type === 'bool') return (value, reading) => read(booleans.get(value) ?? value, reading);
  if (field.resolvedType instanceof protobuf.Enum) {
    return (value, reading) => read(/^\d+$/.test(`${value}`) ? Number(value) : value, reading);
  }
  return read;
}

const readKey: Reader = (value, reading) =>
  typeof value === 'string' && /^[\x20-\x7e]{1,200}$/.test(value)
    ? value
    : wrong(reading, 'the header must be there, with 1 to 200 printable ASCII characters');

function responseTranscoder({ response, responseField }: Route): Transcoder['response'] {
  if (responseField === undefined) {
    const write = messageWriter(response);
    return (bytes) => JSON.stringify(write(response.decode(bytes)));
  }
  const field = response.fields[responseField]!;
  const { write } = valueMapping(field);
  return (bytes) => JSON.stringify(write(Reflect.get(response.decode(bytes), responseField)));
}
