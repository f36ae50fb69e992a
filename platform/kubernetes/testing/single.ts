// Releases of which one service runs: those of the others have no node to go to.
import { eventually } from '@assent/testing';
import { apply, install, kubectl, object, patience_ms, run } from './live.ts';
import { services } from './table.ts';

const password = 'secret';
const databases = ['transactions', 'orders', 'inventory', 'payments'];

/** A pod with PostgreSQL as it is when nobody has configured it: without prepared transactions. Its host is `postgres`. */
export function startPostgres(namespace: string): void {
  const labels = { app: 'postgres' };
  const containers = [
    {
      name: 'postgres',
      image: 'postgres:18',
      env: [
        { name: 'POSTGRES_PASSWORD', value: password },
        { name: 'PGDATA', value: '/var/lib/postgresql/data' },
      ],
      readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 1 },
      volumeMounts: [{ name: 'data', mountPath: '/var/lib/postgresql' }],
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ];
  const securityContext = {
    ...{ runAsNonRoot: true, runAsUser: 999, fsGroup: 999 },
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const pod = object('Pod', namespace, 'postgres', {
    metadata: { name: 'postgres', namespace, labels },
    spec: { containers, securityContext, volumes: [{ name: 'data', emptyDir: {} }] },
  });
  apply(pod);
  expose(namespace, 'postgres');
  kubectl('wait', 'pod/postgres', '-n', namespace, '--for=condition=Ready', `--timeout=${patience_ms / 1000}s`);
  for (const name of databases) sql(namespace, 'postgres', `CREATE DATABASE ${name}`);
}

/** Another name for that server. */
export function expose(namespace: string, host: string): void {
  apply(object('Service', namespace, host, { spec: { selector: { app: 'postgres' }, ports: [{ port: 5432 }] } }));
}

export function sql(namespace: string, database: string, statement: string): string {
  const psql = ['psql', '--host', '/var/run/postgresql', '--username', 'postgres', '--tuples-only', '--no-align'];
  return kubectl('exec', 'postgres', '-n', namespace, '--', ...psql, '--dbname', database, '--command', statement);
}

/** A Secret with the URLs of databases on that host. */
export function databaseSecret(namespace: string, name: string, host: string): object {
  const url = (database: string) => `postgres://postgres:${password}@${host}:5432/${database}`;
  const [coordinator, order, inventory, payment] = databases.map(url);
  return object('Secret', namespace, name, { stringData: { coordinator, order, inventory, payment } });
}

export interface Single {
  /** Of the release: `NAME-assent` is the prefix of all of its objects. */
  readonly name: string;
  readonly namespace: string;
  readonly service: string;
}

/** @param own values of the service that runs */
export function installSingle({ name, namespace, service }: Single, values: object, own: object = {}): void {
  const asleep = { nodeSelector: { nowhere: 'here' } };
  const settings = Object.fromEntries(services.map((one) => [one, one === service ? own : asleep]));
  install(namespace, name, { defaults: { replicas: 1 }, services: settings, ...values });
}

export function uninstall({ name, namespace }: Single): void {
  run('helm', ['uninstall', name, '--namespace', namespace]);
}

const selector = ({ name, service }: Single) =>
  `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${service}`;

/** What `kubectl describe pod` says, as soon as it says that much. */
export function described(single: Single, pattern: RegExp): Promise<string> {
  return said(() => kubectl('describe', 'pod', '-n', single.namespace, '-l', selector(single)), pattern);
}

/** The log of its pod, likewise. */
export function logged(single: Single, pattern: RegExp): Promise<string> {
  return said(() => kubectl('logs', '-n', single.namespace, '-l', selector(single), '--tail=-1'), pattern);
}

function said(read: () => string, pattern: RegExp): Promise<string> {
  return eventually(() => {
    const text = read();
    if (!pattern.test(text)) throw new Error(`${pattern} is not in:\n${text}`);
    return text;
  }, patience_ms);
}

/** Lets a pod begin anew, with the Secrets and rights that there are now. */
export function restart(single: Single): void {
  kubectl('delete', 'pod', '-n', single.namespace, '-l', selector(single), '--grace-period=1');
}
