export interface EmbeddedOptions {
  /** Where the server keeps its files; made when it isn't there. */
  readonly directory: string;
  /** A free one without it. */
  readonly port?: number;
  readonly maxConnections: number;
  readonly maxPreparedTransactions: number;
  /** False gives up safety against power loss for speed: for tests only. */
  readonly durable?: boolean;
}

export interface EmbeddedPostgres {
  readonly port: number;
  /** Of the superuser, to the database postgres. */
  readonly adminUrl: string;
  readonly pid: number;
  /** Ends all sessions and the server. */
  stop(): Promise<void>;
}

/** Starts a PostgreSQL server of one's own on 127.0.0.1. */
export function startPostgres(_options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  throw new Error('to be written');
}

/** Stops the server that a killed process left running on the directory, if there is one. */
export function stopStale(_directory: string): Promise<void> {
  throw new Error('to be written');
}

/** Makes (or updates) a role and a database that it owns; the role can connect to no other. Returns the role's URL. */
export function createDatabaseAndRole(
  _adminUrl: string,
  _options: { readonly database: string; readonly role: string; readonly password: string },
): Promise<string> {
  throw new Error('to be written');
}
