import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import protobuf, { type Enum, type Field, type Type } from 'protobufjs';
import { contracts } from '../contracts.ts';
import { routes } from '../routes.ts';
import { readDocument } from './document.ts';
import { messageMapping } from './messages.ts';
import { startReading } from './reading.ts';

const messageTypes = [...new Set(routes.flatMap(({ request, response }) => [request, response]))];

describe('every message of the public API', () => {
  test.each(messageTypes.map((type) => [type.name, type] as const))('%s is the same after JSON', (_, type) => {
    const { read, write } = messageMapping(type);
    fc.assert(
      fc.property(anyMessage(type), (message) => {
        const sent = type.decode(type.encode(message).finish());
        const reading = startReading();
        const json = JSON.stringify(write(sent));
        const back = readDocument(Buffer.from(json), read, reading);
        expect(reading.violations).toEqual([]);
        expect(plain(type, type.decode(type.encode(back).finish()))).toEqual(plain(type, sent));
      }),
      { numRuns: 50 },
    );
  });
});

describe('PlaceOrderRequest', () => {
  const type = contracts.lookupType('assent.order.v1.PlaceOrderRequest');
  const line = { sku: 'tea', quantity: 1 };

  test.each([
    ['camelCase', { accountId: 'alice' }, { account_id: 'alice' }],
    ['snake_case', { account_id: 'alice' }, { account_id: 'alice' }],
    ['null for absent', { accountId: null, lines: null, mode: null }, {}],
    ['an enum by name', { mode: 'TCC' }, { mode: 2 }],
    ['an enum by number', { mode: 2 }, { mode: 2 }],
    ['an int32 as a string', { lines: [{ quantity: '3' }] }, { lines: [{ quantity: 3 }] }],
    ['an int32 with a point', '{"lines": [{"quantity": 3.0}]}', { lines: [{ quantity: 3 }] }],
    ['an int32 with an exponent', '{"lines": [{"quantity": 3e2}]}', { lines: [{ quantity: 300 }] }],
    ['no body', '', {}],
    ['colons and quotes in strings', { accountId: 'a":"b\\', lines: [] }, { account_id: 'a":"b\\', lines: [] }],
    ['any other Unicode', { accountId: '\u0000 𝄞 \ufeff' }, { account_id: '\u0000 𝄞 \ufeff' }],
  ])('takes %s', (_, json, message) => {
    expect(read(type, json)).toEqual({ message, violations: [] });
  });

  const quantityViolation = {
    field: 'lines[1].quantity',
    description: 'must be a whole number from -2147483648 to 2147483647',
  };

  test.each([1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 63, '1.5', ' 1', '', '0x1', '1e2', true, {}, [], 'NaN'])(
    'refuses the quantity %p',
    (quantity) => {
      expect(read(type, { lines: [line, { sku: 'tea', quantity }] }).violations).toEqual([quantityViolation]);
    },
  );

  test('refuses a number beyond every range', () => {
    expect(read(type, '{"lines": [{}, {"quantity": 1e999}]}').violations).toEqual([quantityViolation]);
  });

  test.each([
    [{ colour: 'red' }, 'colour', 'unknown field'],
    ['{"__proto__": {"mode": "SAGA"}}', '__proto__', 'unknown field'],
    [{ constructor: { prototype: {} } }, 'constructor', 'unknown field'],
    [{ toString: 1 }, 'toString', 'unknown field'],
    [{ lines: [{ sku: 'tea', unitPrice: {} }] }, 'lines[0].unitPrice', 'unknown field'],
    [{ mode: 'FAST' }, 'mode', 'must be one of SAGA, TCC, TWO_PHASE'],
    [{ mode: 'saga' }, 'mode', 'must be one of SAGA, TCC, TWO_PHASE'],
    [{ mode: 4 }, 'mode', 'must be one of SAGA, TCC, TWO_PHASE'],
    [{ mode: 'toString' }, 'mode', 'must be one of SAGA, TCC, TWO_PHASE'],
    [{ accountId: 1 }, 'accountId', 'must be a string'],
    [{ accountId: '\ud800' }, 'accountId', 'must be valid Unicode, without lone surrogates'],
    [{ accountId: 'a', account_id: 'b' }, 'account_id', 'is there twice'],
    [{ lines: line }, 'lines', 'must be a list'],
    [{ lines: [null] }, 'lines[0]', 'must be an object'],
    [{ lines: ['tea'] }, 'lines[0]', 'must be an object'],
    [[], '', 'must be an object'],
    ['null', '', 'must be an object'],
    ['"tea"', '', 'must be an object'],
  ])('refuses %j', (json, field, description) => {
    expect(read(type, json).violations).toEqual([{ field, description }]);
  });

  test('tells of several faults at once, but not of thousands', () => {
    const lines = Array.from({ length: 10_000 }, () => ({ quantity: 1.5 }));
    const { violations } = read(type, { mode: 'FAST', lines });
    expect(violations.slice(0, 2).map(({ field }) => field)).toEqual(['mode', 'lines[0].quantity']);
    expect(violations).toHaveLength(20);
  });

  test.each([
    ['{"accountId": "a", "accountId": "b"}', 'the body has a name twice'],
    ['{"lines": [{"sku": "a", "s\\u006bu": "b"}]}', 'the body has a name twice'],
    ['{"accountId": null, "accountId": "b"}', 'the body has a name twice'],
    ['{', 'the body is not JSON'],
    ['{"accountId": "a",}', 'the body is not JSON'],
    ["{'accountId': 1}", 'the body is not JSON'],
    ['\ufeff{}', 'the body is not JSON'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'the body is not UTF-8'],
  ])('refuses %s', (text, message) => {
    expect(() => read(type, text)).toThrow(message);
  });

  test('puts up with long names and deep nesting', () => {
    expect(read(type, { ['x'.repeat(10_000)]: 1 }).violations[0]?.field).toBe('x'.repeat(64));
    expect(() => read(type, '['.repeat(300_000))).toThrow('the body is not JSON');
    expect(read(type, `${'['.repeat(300_000)}${']'.repeat(300_000)}`).violations).toHaveLength(1);
  });

  test('never touches a prototype', () => {
    read(type, '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    expect('polluted' in {}).toBe(false);
  });
});

/** What a document is read as. */
function read(type: Type, json: unknown) {
  const bytes = Buffer.isBuffer(json) ? json : Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const reading = startReading();
  const message = readDocument(bytes, messageMapping(type).read, reading);
  return { message, violations: reading.violations };
}

function plain(type: Type, message: protobuf.Message) {
  return type.toObject(message, { defaults: true, longs: String });
}

function anyMessage(type: Type): fc.Arbitrary<Record<string, unknown>> {
  if (type.name === 'Timestamp') {
    return fc.record({ seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), nanos: nanos });
  }
  if (type.name === 'Duration') return fc.record({ seconds: fc.integer({ min: 0, max: 315_575_999_999 }), nanos });
  const fields = type.fieldsArray.map((field) => [field.name, anyField(field)] as const);
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

const nanos = fc.integer({ min: 0, max: 999_999_999 });

function anyField(field: Field): fc.Arbitrary<unknown> {
  const value = anyValue(field);
  return field.repeated ? fc.array(value, { maxLength: 3 }) : value;
}

function anyValue({ type, resolvedType }: Field): fc.Arbitrary<unknown> {
  if (resolvedType instanceof protobuf.Type) return anyMessage(resolvedType);
  if (resolvedType instanceof protobuf.Enum) return fc.constantFrom(...Object.values((resolvedType as Enum).values));
  switch (type) {
    case 'string':
      return fc.string({ unit: 'binary' });
    case 'bool':
      return fc.boolean();
    case 'uint32':
      return fc.integer({ min: 0, max: 2 ** 32 - 1 });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(String);
    case 'uint64':
      return fc.bigInt(0n, 2n ** 64n - 1n).map(String);
    default:
      throw new Error(`no values of type ${type} yet`);
  }
}
