// How the processes of a platform find each other and their databases.
import { join } from 'node:path';
import { type Endpoint, writeEndpoints } from './endpoints.ts';

/** Usually there is nothing in between; whoever wants to disturb a platform puts something there. */
export interface Wiring {
  /** The file in which a replica finds the endpoints of the others. */
  endpoints(replica: string): string;
  /** Called with all endpoints whenever one changes. It may throw when the disk is full, and is called again. */
  publish(endpoints: readonly Endpoint[]): void;
  /** The variables that lead a replica to its databases, as it is to have them. */
  databases(replica: string, variables: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>;
  /** URLs of modules that a replica's process loads before anything else. */
  preloads(replica: string): readonly string[];
}

/** Everyone reads the same file, and talks straight to the others. */
export function directWiring(directory: string): Wiring {
  const path = join(directory, 'endpoints.json');
  return {
    endpoints: () => path,
    publish: (endpoints) => writeEndpoints(path, endpoints),
    databases: async (_, variables) => variables,
    preloads: () => [],
  };
}
