// The command as people use it: processes are killed and parted while orders come in, and all ends well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { openScratch, timeout_ms } from '../testing.ts';
import type { Report } from './report/report.ts';

const { directory, assent, clear } = openScratch('chaos');
afterAll(clear, timeout_ms);

test(
  'kills and partitions leave nothing half done, and a report',
  async () => {
    const settings = ['--duration', '6', '--every', '1.5', '--seed', '9', '--rate', '10', '--faults', 'kill,partition'];
    // A machine that is busy with other tests needs its time.
    const patience = ['--settled', '25'];
    const command = assent('chaos', ...settings, ...patience, '--json', '--report', join(directory, 'report'));
    const { code, stderr } = await command.exit;
    const report = command.events[0] as unknown as Report;
    expect({ stderr, violations: report.verdict.violations, settled: report.settled }).toEqual({
      stderr: '',
      violations: [],
      settled: { orders: 0, transactions: 0, prepared: 0 },
    });
    expect(code).toBe(0);
    expect(report.faults.map(({ type }) => type)).toEqual(expect.arrayContaining(['kill', 'partition']));
    expect(report.faults.every(({ healed_ms }) => healed_ms !== undefined)).toBe(true);
    const page = readFileSync(join(directory, 'report', 'report.html'), 'utf8');
    expect(page).toContain('Clean');
    expect(page).not.toMatch(/undefined|NaN|<(link|script)|src=/);
  },
  3 * timeout_ms,
);
