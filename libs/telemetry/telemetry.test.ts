import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { inSpan, traceparent, withTraceparent } from './index.ts';
import { type Receiver, startReceiver } from './testing/receiver.ts';

let receiver: Receiver | undefined;
afterEach(() => receiver?.close());

/** Runs the program to its end; what it logged. */
async function run(endpoint = ''): Promise<Record<string, unknown>[]> {
  const program = join(import.meta.dirname, 'testing', 'main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    process.env.ASSENT_TEST_POSTGRES ?? '',
    endpoint,
  ]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('with an endpoint', () => {
  test('one trace leads from the caller down to the statements', async () => {
    receiver = await startReceiver();
    await run(receiver.endpoint);
    const { spans } = receiver;
    const span = (name: string) => spans.find((one) => one.name === name);
    expect(spans.map(({ name }) => name).sort()).toEqual(['SELECT postgres', 'SELECT postgres', 'failing', 'work']);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['0af7651916cd43dd8448eb211c80319c']));
    expect(span('work')).toMatchObject({ parentSpanId: 'b7ad6b7169203331', attributes: { answer: 42 }, status: 0 });
    expect(span('failing')).toMatchObject({
      parentSpanId: span('work')?.spanId,
      attributes: { 'error.type': '22012' },
      status: 2,
    });
    const statements = spans.filter(({ name }) => name === 'SELECT postgres');
    expect(statements.map(({ parentSpanId }) => parentSpanId)).toEqual([span('work')?.spanId, span('failing')?.spanId]);
    expect(statements[0]).toMatchObject({
      kind: 3,
      attributes: {
        'db.system.name': 'postgresql',
        'db.namespace': 'postgres',
        'db.query.text': 'select $1::text as inside',
      },
    });
    expect(JSON.stringify(spans)).not.toContain('secret');
  });

  test('log lines have the ids of their span', async () => {
    receiver = await startReceiver();
    const [outside, inside, still] = await run(receiver.endpoint);
    const { spanId } = receiver.spans.find(({ name }) => name === 'work')!;
    const ids = { trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: spanId };
    expect(outside).toEqual({
      level: 'info',
      time: expect.any(String),
      service: 'fixture',
      pid: expect.any(Number),
      msg: 'outside',
    });
    expect(inside).toMatchObject({ ...ids, traceparent: `00-${ids.trace_id}-${spanId}-01`, msg: 'inside' });
    expect(still).toMatchObject({ ...ids, msg: 'inside still' });
  });

  test('where nobody listens the program works and ends all the same', async () => {
    expect((await run('http://127.0.0.1:1')).map(({ msg }) => msg)).toEqual(['outside', 'inside', 'inside still']);
  });
});

describe('without an endpoint', () => {
  test('nothing is traced, and log lines have no ids', async () => {
    const lines = await run();
    expect(lines.map(({ msg, trace_id }) => [msg, trace_id])).toEqual([
      ['outside', undefined],
      ['inside', undefined],
      ['inside still', undefined],
    ]);
  });

  test('work is just done', async () => {
    expect(traceparent()).toBe('');
    expect(await inSpan('name', {}, async () => 1)).toBe(1);
    await expect(inSpan('name', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

test('a traceparent that is none is as good as none', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  for (const text of [
    '',
    'x',
    valid.slice(1),
    valid.replace('00', 'ff'),
    valid.replace(/b7\w+/, '0'.repeat(16)),
    `${valid}0`,
    `${valid}-more`,
  ]) {
    expect(withTraceparent(text, () => 1)).toBe(1);
  }
});
