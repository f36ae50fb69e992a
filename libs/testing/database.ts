import type { Migrations } from '@assent/postgres';

export interface TestDatabase {
  /** Of an ordinary role that owns the database. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A new database of one's own, migrated. */
export function testDatabase(_migrations: readonly Migrations[] = []): Promise<TestDatabase> {
  throw new Error('to be written');
}
