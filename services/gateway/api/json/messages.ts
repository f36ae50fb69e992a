// The proto3 JSON mapping of messages, compiled once from their descriptors.
import protobuf, { type Field, type Type } from 'protobufjs';
import { jsonName } from '../contracts.ts';
import { type Reader, type Reading, readAt, wrong } from './reading.ts';
import { enumeration, type Scalar, scalars } from './scalars.ts';
import { duration, timestamp } from './time.ts';

interface JsonField {
  readonly name: string;
  readonly key: string;
  readonly read: Reader;
}

/** The mapping of the values of a field, each by itself when it is repeated. */
export function valueMapping(field: Field): Scalar {
  const { resolvedType } = field.resolve();
  if (field.map) throw new Error(`${field.fullName}: maps have no JSON mapping here`);
  if (resolvedType instanceof protobuf.Enum) return enumeration(resolvedType);
  if (resolvedType instanceof protobuf.Type) return messageMapping(resolvedType);
  return scalars.get(field.type)!;
}

/** One for each type, however often it is used. */
const mappings = new Map<Type, Scalar>();

/** The mapping of a message: its plain object, with the contract's field names, against its JSON. */
export function messageMapping(type: Type): Scalar {
  const known = mappings.get(type) ?? wellKnown.get(type.fullName);
  if (known) return known;
  if (type.fullName.startsWith('.google.')) throw new Error(`${type.fullName} has no JSON mapping here`);
  const mapping = { read: messageReader(type), write: messageWriter(type) };
  mappings.set(type, mapping);
  return mapping;
}

const wellKnown = new Map([
  ['.google.protobuf.Timestamp', timestamp],
  ['.google.protobuf.Duration', duration],
]);

/**
 * Reads the fields of a message that may be in its JSON, by either name. `elsewhere` are the others, and where they come
 * from instead.
 */
export function messageReader(type: Type, elsewhere: ReadonlyMap<string, string> = new Map()): Reader {
  const fields = new Map<string, JsonField>();
  for (const { name, ...field } of type.fieldsArray.map(jsonField)) {
    const source = elsewhere.get(name);
    const read: Reader = source ? (_, reading) => wrong(reading, `is taken from ${source}`) : field.read;
    for (const key of [name, field.key]) fields.set(key, { name, key: field.key, read });
  }
  return (value, reading) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(reading, 'must be an object');
    return readMembers(value as Record<string, unknown>, fields, reading);
  };
}

function readMembers(json: Record<string, unknown>, fields: ReadonlyMap<string, JsonField>, reading: Reading) {
  // Its keys are names from the contract only, whatever the JSON's are.
  const message: Record<string, unknown> = {};
  for (const key of Object.keys(json)) {
    reading.members++;
    const field = fields.get(key);
    if (!field) readAt(reading, key, unknownField, undefined);
    else if (Object.hasOwn(message, field.name)) readAt(reading, key, secondTime, undefined);
    else if (json[key] !== null) message[field.name] = readAt(reading, key, field.read, json[key]);
  }
  return message;
}

const unknownField: Reader = (_, reading) => wrong(reading, 'unknown field');
// By its other name: JSON.parse has seen to it that each name is there once.
const secondTime: Reader = (_, reading) => wrong(reading, 'is there twice');

function jsonField(field: Field): JsonField {
  if (field.partOf) throw new Error(`${field.fullName}: a oneof can't be read from JSON here`);
  const { read } = valueMapping(field);
  return { name: field.name, key: jsonName(field.name), read: field.repeated ? listReader(read) : read };
}

function listReader(read: Reader): Reader {
  return (value, reading) => {
    if (!Array.isArray(value)) return wrong(reading, 'must be a list');
    return value.map((element, index) => readAt(reading, index, read, element));
  };
}

/** Every field is there, also with its default value, but messages that aren't set and unspecified enums. */
export function messageWriter(type: Type): Scalar['write'] {
  const fields = type.fieldsArray.map((field) => ({
    name: field.name,
    key: jsonName(field.name),
    write: valueMapping(field).write,
    repeated: field.repeated,
    optional: field.partOf !== null || field.resolvedType instanceof protobuf.Type,
  }));
  return (value) => {
    const message = value as Record<string, unknown>;
    const json: Record<string, unknown> = {};
    for (const { name, key, write, repeated, optional } of fields) {
      if (repeated) json[key] = (message[name] as unknown[]).map(write);
      else if (!optional || Object.hasOwn(message, name)) json[key] = write(message[name]);
    }
    return json;
  };
}
