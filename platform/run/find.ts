import type { Run } from './registry.ts';
import { livingRuns } from './registry.ts';

/** The running platform, or with several the one on that port. Fails with what to do about it. */
export function findRun(port: number | undefined): Run {
  const runs = livingRuns().filter(({ ready }) => ready);
  const [run, another] = port === undefined ? runs : runs.filter(({ http_port }) => http_port === port);
  if (run && !another) return run;
  if (run)
    throw new Error(
      `several platforms are running; choose one: ${runs.map(({ http_port }) => `--port ${http_port}`).join(', ')}`,
    );
  throw new Error(
    `no platform is running${port === undefined ? '' : ` on port ${port}`}; start one with: npx pnpm@10 start`,
  );
}
