// Chaos on a real cluster: pods are deleted while orders come in, all ends well, and nobody is disturbed who hasn't allowed it.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  apply,
  install,
  kubectl,
  namespaceObject,
  namespaces,
  onCluster,
  patience_ms,
} from '../kubernetes/testing/live.ts';
import { openScratch } from '../testing.ts';
import type { Report } from './report/report.ts';

onCluster('Chaos', () => {
  const { broken, spared } = namespaces('broken', 'spared');
  const { directory, assent, clear } = openScratch('chaos-cluster');
  afterAll(clear, patience_ms);

  const chaos = (namespace: string, name: string, ...settings: string[]) => {
    const report = join(directory, name);
    const where = ['--target', 'kubernetes', '--namespace', namespace, '--report', report];
    return { report, command: assent('chaos', ...where, '--json', '--rate', '5', ...settings) };
  };

  beforeAll(() => {
    apply(namespaceObject(broken), namespaceObject(spared));
    kubectl('label', 'namespace', broken, 'assent/chaos=allowed');
    const values = { defaults: { replicas: 2 }, redis: { mode: 'embedded' } };
    install(broken, 'assent', values, '--wait', '--timeout', `${patience_ms / 1000}s`);
  }, 2 * patience_ms);

  test(
    'refuses a namespace without the label that allows it',
    async () => {
      const { command } = chaos(spared, 'spared', '--duration', '1');
      const { code, stderr } = await command.exit;
      expect(code).toBe(1);
      expect(stderr).toContain(
        `namespace ${spared} doesn't allow chaos; if it is to: kubectl label namespace ${spared} assent/chaos=allowed`,
      );
    },
    patience_ms,
  );

  test(
    'deletes and kills pods, and a paused leader does no harm',
    async () => {
      const pods = podsOf(broken);
      const faults = ['--faults', 'pod-delete,pod-kill,leader-pause', '--seed', '16'];
      const times = ['--duration', '40', '--every', '10', '--settled', '25'];
      const { report: place, command } = chaos(broken, 'broken', ...times, ...faults);
      const { code, stderr } = await command.exit;
      const report = command.events[0] as unknown as Report;
      expect({ stderr, violations: report.verdict.violations, settled: report.settled }).toEqual({
        stderr: '',
        violations: [],
        settled: { orders: 0, transactions: 0, prepared: 0 },
      });
      expect(code).toBe(0);
      expect(new Set(report.faults.map(({ type }) => type)).size).toBe(3);
      expect(report.faults.every(({ healed_ms }) => healed_ms !== undefined)).toBe(true);
      // They were pods, and others took their places.
      expect(podsOf(broken).filter((pod) => !pods.includes(pod)).length).toBeGreaterThanOrEqual(2);
      expect(readFileSync(join(place, 'report.html'), 'utf8')).toContain('Clean');
      expect(existsSync(join(place, 'logs'))).toBe(false);
    },
    patience_ms,
  );
});

function podsOf(namespace: string): string[] {
  return kubectl('get', 'pods', '-n', namespace, '-o', 'name').split('\n');
}
