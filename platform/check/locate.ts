// Where the databases are that are to be checked.
import { findRun } from '../run/find.ts';
import type { DatabaseUrls } from './sources.ts';

/** One of these, or the platform that runs on this machine. */
export interface WhichDatabases {
  /** Of REST of the platform on this machine, when several are running. */
  readonly port?: number;
  /** A directory with a file for each service that holds its databases' URLs. */
  readonly databases?: string;
  /** The namespace of a release in the cluster that the kubeconfig names. */
  readonly kubernetes?: string;
  readonly release: string;
}

export interface Located {
  readonly databases: DatabaseUrls;
  close(): Promise<void>;
}

/** What is of Kubernetes is loaded only when it is asked for. */
export async function locateDatabases({ port, databases, kubernetes, release }: WhichDatabases): Promise<Located> {
  const close = async () => {};
  if (databases !== undefined) {
    const { readDatabases } = await import('../kubernetes/urls.ts');
    return { databases: readDatabases(databases), close };
  }
  if (kubernetes === undefined) return { databases: findRun(port).databases, close };
  const [{ openCluster }, { openDatabases }] = await Promise.all([
    import('../kubernetes/cluster.ts'),
    import('../kubernetes/databases.ts'),
  ]);
  return openDatabases(await openCluster(), { namespace: kubernetes, name: release });
}
