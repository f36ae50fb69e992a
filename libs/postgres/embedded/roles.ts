import pg from 'pg';

export interface RoleOptions {
  readonly database: string;
  readonly role: string;
  readonly password: string;
}

/**
 * Makes a role and a database that it owns, or gives an existing role the password; the role can connect to no other
 * database. Returns the role's URL.
 */
export async function createDatabaseAndRole(adminUrl: string, options: RoleOptions): Promise<string> {
  const client = new pg.Client({
    connectionString: adminUrl,
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
  });
  await client.connect();
  try {
    await createRole(client, options);
    await createDatabase(client, options);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.username = encodeURIComponent(options.role);
  url.password = encodeURIComponent(options.password);
  url.pathname = `/${encodeURIComponent(options.database)}`;
  return url.href;
}

async function createRole(client: pg.Client, { role, password }: RoleOptions): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  const verb = rowCount ? 'alter' : 'create';
  const name = pg.escapeIdentifier(role);
  await client.query(
    `${verb} role ${name} with login nosuperuser nocreatedb nocreaterole password ${pg.escapeLiteral(password)}`,
  );
}

async function createDatabase(client: pg.Client, { database, role }: RoleOptions): Promise<void> {
  const name = pg.escapeIdentifier(database);
  const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
  if (!rowCount) await client.query(`create database ${name} owner ${pg.escapeIdentifier(role)}`);
  await client.query(`revoke all on database ${name} from public`);
}
