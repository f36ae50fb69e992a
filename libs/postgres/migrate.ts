/** A directory of numbered .sql files, such as `001-orders.sql`. */
export interface Migrations {
  /** Names the set in `schema_migrations`. */
  readonly name: string;
  readonly directory: string;
}

/** Applies what is missing, in order. Several replicas may do so at once. */
export function migrate(_url: string, _migrations: readonly Migrations[]): Promise<void> {
  throw new Error('to be written');
}
