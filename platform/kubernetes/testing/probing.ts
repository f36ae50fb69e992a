// A pod in a namespace of its own that makes calls to a release: what comes from outside.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { apply, imageName, kubectl, object, patience_ms } from './live.ts';
import type { Answer, Plan } from './probe.ts';

/** Where the pod has the Secret of that name, with tls.crt, tls.key and ca.crt. */
export const directoryOf = (secret: string) => `/run/tls/${secret}`;

const name = 'probe';

/** Runs the plan to its end, and gives the answers in its order. @param secrets with certificates, of the same namespace */
export function probe(namespace: string, plan: Plan, secrets: readonly string[]): Answer[] {
  const program = readFileSync(join(import.meta.dirname, 'probe.ts'), 'utf8');
  const data = { 'probe.ts': program, 'plan.json': JSON.stringify(plan) };
  apply(
    object('Secret', namespace, name, { stringData: data }),
    object('Pod', namespace, name, { spec: spec(secrets) }),
  );
  const ended = '--for=jsonpath={.status.containerStatuses[0].state.terminated.exitCode}';
  kubectl('wait', `pod/${name}`, '--namespace', namespace, ended, `--timeout=${patience_ms / 1000}s`);
  const log = kubectl('logs', name, '--namespace', namespace);
  const answers = log.split('\n').filter((line) => line.startsWith('{'));
  if (answers.length !== plan.rpc.length + plan.http.length) throw new Error(log);
  return answers.map((line) => JSON.parse(line) as Answer);
}

function spec(secrets: readonly string[]): object {
  const volume = (secretName: string) => ({ name: secretName, secret: { secretName, defaultMode: 0o440 } });
  // Where it finds the libraries that the image has.
  const mounts = [
    { name, mountPath: '/app/platform/probe' },
    ...secrets.map((secret) => ({ name: secret, mountPath: directoryOf(secret) })),
  ];
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image: imageName,
        args: ['platform/probe/probe.ts'],
        volumeMounts: mounts,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
    volumes: [name, ...secrets].map(volume),
  };
}
