import { describe, expect, test } from '@jest/globals';
import type { V1Deployment, V1Pod } from '@kubernetes/client-node';
import { deathsBetween } from './deaths.ts';
import { isWhole, stateOf } from './state.ts';

const labels = (component: string) => ({ 'app.kubernetes.io/component': component });

function deployment(component: string, status: V1Deployment['status'] = {}, generation = 1): V1Deployment {
  return {
    metadata: { name: `shop-${component}`, labels: labels(component), generation },
    spec: { replicas: 2, selector: {}, template: {} },
    status: { observedGeneration: 1, ...status },
  };
}

interface Given {
  readonly name?: string;
  readonly component?: string;
  readonly ready?: boolean;
  readonly ending?: boolean;
  readonly restarts?: number;
}

function pod({ name = 'a', component = 'order', ready = true, ending = false, restarts = 0 }: Given = {}): V1Pod {
  const terminated = { exitCode: 137, reason: 'OOMKilled' };
  return {
    metadata: { name, labels: labels(component), ...(ending && { deletionTimestamp: new Date() }) },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: component,
          image: 'assent',
          imageID: '',
          ready,
          restartCount: restarts,
          ...(restarts > 0 && { lastState: { terminated } }),
        },
      ],
    },
  };
}

const two = [pod({ name: 'a' }), pod({ name: 'b' })];

describe('a release', () => {
  test.each<[string, V1Pod[], boolean]>([
    ['all its pods', two, true],
    ['a pod too few', [pod()], false],
    ['a pod that is not ready', [pod(), pod({ name: 'b', ready: false })], false],
    ['a pod that is on its way out, though it is ready', [pod(), pod({ name: 'b', ending: true })], false],
    ['one more than it needs', [...two, pod({ name: 'c', ready: false })], true],
    ['the pods of a Job', [pod(), pod({ name: 'b', component: 'command' })], false],
  ])('with %s', (_, pods, whole) => {
    expect(isWhole(stateOf([deployment('order')], pods))).toBe(whole);
  });

  test.each<[string, V1Deployment['status'], number, boolean]>([
    ['all are new', { updatedReplicas: 2, replicas: 2, availableReplicas: 2 }, 1, true],
    ['an old one is left', { updatedReplicas: 2, replicas: 3, availableReplicas: 3 }, 1, false],
    ['a new one is not ready', { updatedReplicas: 2, replicas: 2, availableReplicas: 1 }, 1, false],
    ['the change has not been seen', { updatedReplicas: 2, replicas: 2, availableReplicas: 2 }, 2, false],
  ])('is rolled out, or not: %s', (_, status, generation, isRolledOut) => {
    expect(stateOf([deployment('order', status, generation)], []).workloads).toMatchObject([{ isRolledOut }]);
  });
});

test('a container that was started anew has died, one of another pod has not', () => {
  const state = (...pods: V1Pod[]) => stateOf([deployment('order')], pods);
  const before = state(pod({ name: 'a', restarts: 1 }), pod({ name: 'b' }));
  const after = state(pod({ name: 'a', restarts: 2 }), pod({ name: 'c' }));
  const death = { at_ms: 7, replica: 'a', cause: 'OOMKilled, exit code 137' };
  expect([deathsBetween(before, after, 7), deathsBetween(before, before, 7)]).toEqual([[death], []]);
});
