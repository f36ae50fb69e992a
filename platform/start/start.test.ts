// The command as people use it, in processes of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@assent/testing';
import { afterAll, expect, test } from '@jest/globals';
import { repository } from '../config.ts';
import { identify } from '../run/identity.ts';
import { metricsTargetsPath } from '../run/paths.ts';
import { openScratch, timeout_ms } from '../testing.ts';
import type { Event } from './events.ts';

const { directory: scratch, port, assent, clear } = openScratch('start');
const data = join(scratch, 'data');

afterAll(clear, timeout_ms);

const pidsOf = (events: readonly Event[]) => events.flatMap((event) => (event.type === 'serving' ? [event.pid] : []));
const services = ['coordinator', 'gateway', 'inventory', 'order', 'payment'];

/** The services whose metrics are where they are said to be. */
async function metricsOf(directory: string): Promise<string[]> {
  const groups = JSON.parse(readFileSync(metricsTargetsPath(directory), 'utf8')) as {
    targets: string[];
    labels: { service: string };
  }[];
  const texts = groups.map(async ({ targets: [target], labels }) => {
    const text = await (await fetch(`http://${target}/metrics`)).text();
    return text.includes('rpc_server_call_duration_seconds') ? labels.service : '';
  });
  return (await Promise.all(texts)).sort();
}

const nothingRuns = (pids: readonly number[]) =>
  eventually(() => expect(pids.filter(identify)).toEqual([]), timeout_ms);

test(
  'it places an order in each mode, stops, and leaves nothing behind',
  async () => {
    const { events, exit } = assent('start', '--once', '--json', '--replicas', '1', '--port', `${port}`);
    expect(await exit).toEqual({ code: 0, stderr: '' });
    const orders = events.flatMap((event) => (event.type === 'order' ? [`${event.mode} ${event.status}`] : []));
    expect(orders).toEqual(['SAGA CONFIRMED', 'TCC CONFIRMED', 'TWO_PHASE CONFIRMED']);
    expect(events.at(-1)?.type).toBe('stopped');
    await nothingRuns(pidsOf(events));
    expect(readdirSync(scratch)).toEqual([]);
  },
  timeout_ms,
);

test(
  'it survives the death of its processes, and the next start clears what its own death leaves',
  async () => {
    const platform = assent('start', '--json', '--replicas', '1', '--port', `${port}`, '--data', data);
    await platform.find('order', ({ mode }) => mode === 'TWO_PHASE');

    const same = assent('start', '--once', '--port', `${port}`);
    expect(await same.exit).toEqual({ code: 1, stderr: expect.stringMatching(/^assent: port \d+ is in use; .*\n$/) });
    const elsewhere = assent('start', '--once', '--port', `${port + 2}`, '--data', data);
    expect(await elsewhere.exit).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^assent: .* is in use by a running platform.*\n$/),
    });

    const { pid } = await platform.find('serving', ({ replica }) => replica === 'inventory-1');
    process.kill(pid, 'SIGKILL');
    await platform.find('died', ({ replica, cause }) => replica === 'inventory-1' && cause === 'killed by SIGKILL');
    await platform.find('serving', (event) => event.replica === 'inventory-1' && event.pid !== pid);

    const load = assent('load', '--rate', '20', '--duration', '1', '--port', `${port}`);
    expect(await load.exit).toEqual({ code: 0, stderr: '' });
    const check = assent('check', '--port', `${port}`);
    expect(await check.exit).toEqual({ code: 0, stderr: '' });
    // Who started it is its operator.
    const { orderId } = await platform.find('order');
    const act = assent('tx', 'retry', orderId, '--reason', 'nothing is left of it', '--port', `${port}`);
    expect(await act.exit).toEqual({ code: 0, stderr: '' });
    await eventually(async () => expect(await metricsOf(data)).toEqual(services));

    platform.child.kill('SIGKILL');
    await platform.exit;
    // With one database more than the data has.
    const more = ['--inventory-shards', '2', '--data', data];
    const next = assent('start', '--once', '--json', '--replicas', '1', '--port', `${port}`, ...more);
    expect(await next.exit).toEqual({ code: 0, stderr: '' });
    expect(next.events[0]).toMatchObject({ type: 'cleared', supervisor_pid: platform.child.pid });
    await nothingRuns([...pidsOf(platform.events), ...pidsOf(next.events)]);
    expect(readdirSync(scratch)).toEqual(['data']);
    expect(readdirSync(data).sort()).toEqual(['endpoints.json', 'logs', 'metrics.json', 'passwords.json', 'postgres']);
  },
  3 * timeout_ms,
);

test('a directory that holds something else is left alone', async () => {
  const { exit } = assent('start', '--once', '--port', `${port}`, '--data', join(repository, 'protos'));
  expect(await exit).toEqual({ code: 1, stderr: expect.stringMatching(/^assent: .* holds something else; .*\n$/) });
});

test('commands that need a platform say how to get one', async () => {
  for (const command of ['load', 'check']) {
    expect(await assent(command).exit).toEqual({
      code: 1,
      stderr: 'assent: no platform is running; start one with: npx pnpm@10 start\n',
    });
  }
});
