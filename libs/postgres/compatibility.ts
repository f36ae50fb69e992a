// What code and database must know of each other before the one touches the other.
import type { Sql } from './database.ts';

/** The first with xid8 and pg_current_xact_id(), by which barriers know who claimed them. */
const OLDEST_SERVER = 13;

/** Throws when the server is too old. */
export async function checkServer(sql: Pick<Sql, 'query'>): Promise<void> {
  const { rows } = await sql.query<{ version: string }>(`select current_setting('server_version') as version`);
  const version = rows[0]!.version;
  if (Number.parseInt(version, 10) >= OLDEST_SERVER) return;
  throw new Error(`PostgreSQL ${version} is too old: use ${OLDEST_SERVER} or later. Nothing was changed`);
}

/**
 * The version, such as 0.3, which code must have at least to work with a database that this migration was applied to. It says so
 * in a line of its own, `-- requires 0.3`, when it takes something away that older code uses.
 */
export function requiredVersion(title: string, sql: string): string | undefined {
  const line = /^--\s*requires\b.*$/im.exec(sql)?.[0];
  if (line === undefined) return undefined;
  const version = /^-- requires (\d+\.\d+)$/.exec(line)?.[1];
  if (version === undefined) throw new Error(`migration ${title}: write '-- requires 0.3', not '${line}'`);
  return version;
}

/** Whether a version is of an earlier major or minor than another; patches make no difference. */
export function isBefore(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
