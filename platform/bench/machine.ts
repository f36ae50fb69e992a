import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import pg from 'pg';
import { repository } from '../config.ts';
import type { Run } from '../run/registry.ts';

/** On what it was measured, and with which promises of durability. */
export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memory_GiB: number;
  readonly node: string;
  readonly postgres: string;
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly replicas: number;
}

export async function describeMachine({ adminUrl, replicas }: Run): Promise<Machine> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  const setting = async (name: string) =>
    (await client.query(`SELECT current_setting($1) AS value`, [name])).rows[0]?.value;
  const postgres = await setting('server_version');
  const [fsync, synchronous_commit] = [await setting('fsync'), await setting('synchronous_commit')];
  await client.end();
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_GiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres,
    fsync,
    synchronous_commit,
    replicas,
  };
}

/** Which version of the workspace this is. */
export function commit(): string {
  try {
    const output = execFileSync('git', ['describe', '--always', '--dirty'], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.toString().trim();
  } catch {
    return 'unknown';
  }
}
