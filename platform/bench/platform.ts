import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '@assent/ports';
import { inheritedEnvironment, repository } from '../config.ts';
import { findRun } from '../run/find.ts';
import type { Run } from '../run/registry.ts';

export interface BenchPlatform {
  readonly run: Run;
  stop(): Promise<void>;
}

/** The running platform on that port, which is left running, or one of its own with temporary data. */
export async function openPlatform(port: number | undefined, replicas: number): Promise<BenchPlatform> {
  if (port !== undefined) return { run: findRun(port), stop: async () => {} };
  const ownPort = await freePort({ inARow: 2 });
  const args = [
    join(repository, 'platform/main.ts'),
    'start',
    '--json',
    '--port',
    `${ownPort}`,
    '--replicas',
    `${replicas}`,
  ];
  const child = spawn(process.execPath, args, { env: inheritedEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) if (hasType(line, 'complete')) break;
  // From here on nobody looks at what it says.
  child.stdout.resume();
  if (child.exitCode !== null) throw new Error('the platform did not start');
  return {
    run: findRun(ownPort),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function hasType(line: string, type: string): boolean {
  return (JSON.parse(line) as { type: string }).type === type;
}
