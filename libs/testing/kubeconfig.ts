import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Sets KUBECONFIG to a stand-in for the API server, over HTTP at that port of 127.0.0.1. Gives what puts back what was there. */
export function setKubeconfig(port: number): () => void {
  const before = process.env.KUBECONFIG;
  const directory = mkdtempSync(join(tmpdir(), 'assent-kubeconfig-'));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'test', user: { token: 'secret' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  process.env.KUBECONFIG = join(directory, 'kubeconfig');
  writeFileSync(process.env.KUBECONFIG, JSON.stringify(config));
  return () => {
    if (before === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = before;
    rmSync(directory, { recursive: true });
  };
}
