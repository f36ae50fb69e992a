// What the platform is for: its processes die in the middle of checkouts, and every checkout ends, all done or all undone.

import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@assent/testing';
import { afterAll, expect, test } from '@jest/globals';
import { openScratch, timeout_ms } from './testing.ts';

const { directory, port, assent, clear } = openScratch('kill');
const history = join(directory, 'history');
afterAll(clear, timeout_ms);

const victims = ['coordinator-1', 'order-1', 'inventory-1', 'payment-1', 'gateway', 'coordinator-2'];
const seconds = 18;

test(
  'one replica of each service is killed while orders come in: each is answered, and all answers and invariants hold',
  async () => {
    const platform = assent('start', '--json', '--port', `${port}`);
    await platform.find('order', ({ mode }) => mode === 'TWO_PHASE');
    const load = assent(
      'load',
      '--json',
      '--rate',
      '15',
      '--duration',
      `${seconds}`,
      '--mode',
      'mixed',
      '--history',
      history,
      '--reject-share',
      '0.02',
      '--port',
      `${port}`,
    );
    // Once its shop is stocked.
    await eventually(() => expect(readFileSync(history, 'utf8')).toContain('"op":"place"'), timeout_ms);
    for (const victim of victims) {
      await sleep((seconds * 1000) / (victims.length + 1));
      const { pid } = platform.events.findLast((event) => event.type === 'serving' && event.replica === victim) as {
        pid: number;
      };
      process.kill(pid, 'SIGKILL');
      await platform.find('died', ({ replica, cause }) => replica === victim && cause === 'killed by SIGKILL');
    }
    // Every request was answered, if need be when it was sent again; and most were not rejected because of the deaths.
    expect(await load.exit).toEqual({ code: 0, stderr: '' });
    const report = load.events[0] as unknown as { confirmed: number; unanswered: number; failed: number };
    expect(report).toMatchObject({ unanswered: 0, failed: 0 });
    expect(report.confirmed).toBeGreaterThan(0.8 * 15 * seconds);
    expect(await assent('check', '--history', history, '--port', `${port}`).exit).toEqual({ code: 0, stderr: '' });
    // What is cut off can't be judged.
    truncateSync(history, statSync(history).size - 10);
    expect(await assent('check', '--history', history, '--port', `${port}`).exit).toEqual({ code: 2, stderr: '' });
  },
  3 * timeout_ms,
);
