// When pods change, and what runs in them: with other values what reads them once gets other pods; for Tilt services watch files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadAllYaml, type V1Deployment } from '@kubernetes/client-node';
import { repository } from '../config.ts';
import { chart, hasHelm, run } from './testing/live.ts';
import { services } from './testing/table.ts';

const before = ['collector.enabled=true', 'jaeger.enabled=true'];

test('in the image for Tilt nothing watches files by itself: a Job would never end', () => {
  const lines = readFileSync(join(repository, 'tilt/Dockerfile'), 'utf8').split('\n');
  expect(lines.filter((line) => line.startsWith('ENTRYPOINT'))).toEqual(['ENTRYPOINT ["node"]']);
});

/** What the pods of each Deployment are made from, by its name. */
function templates(...settings: readonly string[]): Map<string, string> {
  const words = [...before, ...settings].flatMap((setting) => ['--set', setting]);
  const objects = loadAllYaml(run('helm', ['template', 'shop', chart, ...words])) as V1Deployment[];
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  return new Map(deployments.map(({ metadata, spec }) => [metadata?.name ?? '', JSON.stringify(spec?.template)]));
}

(hasHelm ? describe : describe.skip)(`Other pods${hasHelm ? '' : ' (skipped: there is no helm)'}`, () => {
  test.each([
    ['postgres.embedded.shards.coordinator=2', ['shop-assent-coordinator']],
    ['postgres.embedded.shards.inventory=2', ['shop-assent-inventory']],
    ['collector.endpoint=http://traces.elsewhere:4318', ['shop-assent-collector']],
    ['services.order.replicas=3,seed.enabled=true', []],
    ['mtls.days=30', []],
  ])('%s', (setting, changed) => {
    const old = templates();
    const next = templates(setting);
    expect([...next.keys()].filter((name) => next.get(name) !== old.get(name))).toEqual(changed);
  });

  test('for Tilt every service watches its files', () => {
    const watching = [...templates('development=true')].filter(([, template]) => template.includes('"--watch"'));
    expect(watching.map(([name]) => name).sort()).toEqual(services.map((service) => `shop-assent-${service}`).sort());
  });
});
