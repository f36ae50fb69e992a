// JSON Schema (2020-12, as in OpenAPI 3.1) of messages and enums in the proto3 JSON mapping.
import protobuf, { type Enum, type Field, type Type } from 'protobufjs';
import { jsonName } from './contracts.ts';
import { enumNames } from './json/scalars.ts';

export type Schema = Readonly<Record<string, unknown>>;
/** Schemas by name, which refer to each other. */
export type Schemas = Record<string, Schema>;

const int32: Schema = { type: 'integer', format: 'int32' };
const uint32: Schema = { type: 'integer', minimum: 0, maximum: 2 ** 32 - 1 };
const int64: Schema = { type: 'string', pattern: '^-?[0-9]{1,19}$' };
const uint64: Schema = { type: 'string', pattern: '^[0-9]{1,20}$' };

const scalarSchemas: Readonly<Record<string, Schema>> = {
  int32,
  sint32: int32,
  sfixed32: int32,
  uint32,
  fixed32: uint32,
  int64,
  sint64: int64,
  sfixed64: int64,
  uint64,
  fixed64: uint64,
  float: { type: 'number' },
  double: { type: 'number' },
  string: { type: 'string' },
  bool: { type: 'boolean' },
  bytes: { type: 'string', contentEncoding: 'base64' },
};

const wellKnown: Readonly<Record<string, Schema>> = {
  '.google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  '.google.protobuf.Duration': { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]{1,9})?s$' },
};

/** The schema of a field's values, with the comment of the contract. Adds the named ones that it refers to. */
export function fieldSchema(field: Field, named: Schemas): Schema {
  const value = valueSchema(field, named);
  const schema = field.repeated ? { type: 'array', items: value } : value;
  return { ...schema, ...description(field) };
}

/** The schema of an object with these fields, and no others. */
export function objectSchema(fields: readonly Field[], named: Schemas): Schema {
  const properties = Object.fromEntries(fields.map((field) => [jsonName(field.name), fieldSchema(field, named)]));
  return { type: 'object', properties, additionalProperties: false };
}

/** A reference to a message's schema. */
export function messageSchema(type: Type, named: Schemas): Schema {
  return reference(type, named, () => objectSchema(type.fieldsArray, named));
}

export function description({ comment }: { readonly comment: string | null }): { description?: string } {
  return comment ? { description: comment } : {};
}

function valueSchema({ type, resolvedType }: Field, named: Schemas): Schema {
  if (resolvedType instanceof protobuf.Type)
    return wellKnown[resolvedType.fullName] ?? messageSchema(resolvedType, named);
  if (resolvedType instanceof protobuf.Enum) return enumSchema(resolvedType, named);
  return scalarSchemas[type]!;
}

function enumSchema(type: Enum, named: Schemas): Schema {
  return reference(type, named, () => ({ type: 'string', enum: enumNames(type) }));
}

/** `.assent.order.v1.Order.Status` is `Order.Status`: the parts that begin with a capital. */
function reference(type: Type | Enum, named: Schemas, schema: () => Schema): Schema {
  const name = type.fullName
    .split('.')
    .filter((part) => /^[A-Z]/.test(part))
    .join('.');
  named[name] ??= { ...schema(), ...description(type) };
  return { $ref: `#/components/schemas/${name}` };
}
