// Of an upgrade with other values: what reads them once, at its start, gets other pods; everything else keeps its own.
import { describe, expect, test } from '@jest/globals';
import { loadAllYaml, type V1Deployment } from '@kubernetes/client-node';
import { chart, hasHelm, run } from './testing/live.ts';

const before = ['collector.enabled=true', 'jaeger.enabled=true'];

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
});
