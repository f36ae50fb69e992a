import { Metadata, status as Status } from '@grpc/grpc-js';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Code, RpcError } from './errors.ts';
import { fromStatus, toStatus } from './status.ts';

const codes = Object.keys(Status).filter((name) => Number.isNaN(Number(name)) && name !== 'OK') as Code[];
const code = fc.constantFrom(...codes);
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const violation = fc.record({ field: text, description: text });

describe('an error', () => {
  test('is the same at the other end', () => {
    const options = fc.record(
      {
        reason: fc.stringMatching(/^[A-Z][A-Z_]{0,20}$/),
        violations: fc.array(violation, { maxLength: 20 }),
        retryDelay_ms: fc.nat(1e9),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(code, text, options, (code, message, options) => {
        const error = new RpcError(code, message, options);
        expect({ ...fromStatus(toStatus(error), 'a/b', false) }).toEqual({ ...error });
        expect(fromStatus(toStatus(error), 'a/b', false).message).toBe(message);
      }),
    );
  });

  test('of any text at all fits into the trailers of a call', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 300 }).map((some) => `\ud800${some.repeat(4)}\udc00`);
    fc.assert(
      fc.property(code, anything, (code, any) => {
        const violations = Array.from({ length: 100 }, () => ({ field: any, description: any }));
        const { details, metadata } = toStatus(new RpcError(code, any, { reason: any, violations }));
        // What grpc-js does with them: it would throw for half a surrogate pair.
        const trailers = { 'grpc-message': encodeURI(details), ...metadata.toHttp2Headers() };
        expect(JSON.stringify(trailers).length).toBeLessThan(60_000);
      }),
      { numRuns: 30 },
    );
  });

  test('does not take its cause along', () => {
    const cause = new Error('password=secret');
    const { details, metadata } = toStatus(new RpcError('INTERNAL', 'internal error', { cause }));
    expect(details + metadata.get('grpc-status-details-bin')).not.toContain('secret');
  });
});

describe('a status', () => {
  test('with broken details keeps its code and its text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const metadata = new Metadata();
        metadata.set('grpc-status-details-bin', Buffer.from(bytes));
        const error = fromStatus({ code: Status.ABORTED, details: 'a text', metadata }, 'a/b', false);
        expect(error).toMatchObject({ code: 'ABORTED', message: 'a text' });
      }),
    );
  });

  test('that no server of ours has sent tells its text only as the cause', () => {
    fc.assert(
      fc.property(code, (code) => {
        const status = { code: Status[code], details: 'connect 10.0.0.1', metadata: new Metadata() };
        const error = fromStatus(status, 'a/b', true);
        expect(error.code).toBe(code);
        expect(error.message).not.toContain('10.0.0.1');
        expect(error.cause).toMatchObject({ message: 'connect 10.0.0.1' });
      }),
    );
  });

  test('CANCELLED that nobody asked for means that the server has gone', () => {
    const status = { code: Status.CANCELLED, details: 'Call cancelled', metadata: new Metadata() };
    expect(fromStatus(status, 'a/b', false).code).toBe('UNAVAILABLE');
  });
});
