// A real cluster, the one that KUBECONFIG names, by kubectl and helm: what tests do there is what people do.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, describe } from '@jest/globals';
import { repository } from '../../config.ts';

const { KUBECONFIG, ASSENT_IMAGE } = process.env;
const timeout_ms = 600_000;
export const chart = join(repository, 'helm/assent');
export const hasHelm = spawnSync('helm', ['version']).status === 0;

/** So long what is waited for may take: a pod's start, on a machine that has much to do. */
export const patience_ms = 300_000;

const lacking = [...(KUBECONFIG ? [] : ['KUBECONFIG names no cluster']), ...(hasHelm ? [] : ['there is no helm'])];

/** Tests that are skipped, with the reason, where there is no cluster. */
export function onCluster(title: string, tests: () => void): void {
  if (lacking.length === 0) describe(title, tests);
  else describe.skip(`${title} (skipped: ${lacking.join(', ')})`, tests);
}

/** Whether some node has an image; only a cluster without a registry would say no to what it could get. */
export function isOnNodes(image: string): boolean {
  if (lacking.length > 0) return false;
  const nodes = kubectl('get', 'nodes', '--output', 'json');
  return nodes.includes(`/${image}"`) || nodes.includes(`"${image}"`);
}

export function kubectl(...words: string[]): string {
  return run('kubectl', words);
}

/** Makes or changes objects. */
export function apply(...objects: object[]): void {
  run('kubectl', ['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** Throws what it says on stderr when it fails. */
export function run(command: string, words: readonly string[], input = ''): string {
  const options = { encoding: 'utf8', timeout: timeout_ms, input, stdio: 'pipe', maxBuffer: 1 << 26 } as const;
  return execFileSync(command, words, options).trim();
}

/** Names of namespaces that are removed after the tests of a file; each lets in only pods that are restricted. */
export function namespaces<N extends string>(...purposes: N[]): Readonly<Record<N, string>> {
  const suffix = randomBytes(4).toString('hex');
  const names = Object.fromEntries(purposes.map((purpose) => [purpose, `${purpose}-${suffix}`])) as Record<N, string>;
  afterAll(() => {
    for (const name of Object.values<string>(names))
      kubectl('delete', 'namespace', name, '--wait=false', '--ignore-not-found');
  }, patience_ms);
  return names;
}

export function namespaceObject(name: string): object {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

export function object(kind: string, namespace: string, name: string, rest: object): object {
  return { apiVersion: 'v1', kind, metadata: { namespace, name }, ...rest };
}

/** Of the tests' image: ASSENT_IMAGE, name:tag; the chart's own without it. */
export const image = (() => {
  const [, repository, tag] = /^(.+):([^/]+)$/.exec(ASSENT_IMAGE ?? '') ?? [];
  return repository === undefined ? {} : { image: { repository, tag } };
})();
export const imageName = ASSENT_IMAGE ?? 'assent:0.1.0';

/** Installs a release with few and small pods. @param words further arguments of helm, such as --wait */
export function install(namespace: string, name: string, values: object, ...words: string[]): void {
  const input = JSON.stringify({ ...image, ...values });
  run('helm', ['install', name, chart, '--namespace', namespace, '--values', '-', ...words], input);
}
