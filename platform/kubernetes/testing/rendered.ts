// What the chart makes of values, without a cluster.
import {
  loadAllYaml,
  type V1NetworkPolicy,
  type V1Pod,
  type V1PodTemplateSpec,
  type V1Service,
} from '@kubernetes/client-node';
import { chart, run } from './live.ts';
import { type Place, placeOf } from './policies.ts';

export const namespace = 'test';

export interface Rendered {
  readonly policies: readonly V1NetworkPolicy[];
  readonly services: readonly V1Service[];
  readonly pods: readonly Place[];
}

const known = new Map<string, Rendered>();

/** @param words arguments of helm: --values and --set */
export function render(...words: string[]): Rendered {
  const rendered = known.get(words.join(' ')) ?? template(words);
  known.set(words.join(' '), rendered);
  return rendered;
}

function template(words: readonly string[]): Rendered {
  const objects = loadAllYaml(run('helm', ['template', 'shop', chart, '--namespace', namespace, ...words]));
  const all = objects.filter((object) => object !== null && object !== undefined) as { kind: string; spec: unknown }[];
  const of = (kind: string) => all.filter((object) => object.kind === kind);
  const templates = ['Deployment', 'StatefulSet', 'Job'].flatMap((kind) =>
    of(kind).map(({ spec }) => (spec as { template: V1PodTemplateSpec }).template),
  );
  const pods = [...templates, ...(of('Pod') as V1Pod[])];
  return {
    policies: of('NetworkPolicy') as V1NetworkPolicy[],
    services: of('Service') as V1Service[],
    pods: pods.map(({ metadata, spec }) => placeOf(metadata, spec, namespace)),
  };
}
