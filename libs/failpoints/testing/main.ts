// Counts its visits to a failpoint, as long as there is somebody to tell.
import { setTimeout as sleep } from 'node:timers/promises';
import { allowFailpoints, armed, reach } from '../index.ts';

allowFailpoints(process.argv[2] ?? 'on', { production: false, log: { warn() {} } });
for (let visit = 1; ; visit++) {
  try {
    if (armed) await reach('log.begin.before', 'log.decision.before');
    process.send?.({ type: 'visit', visit });
  } catch (error) {
    process.send?.({ type: 'failed', visit, code: (error as NodeJS.ErrnoException).code });
  }
  await sleep(10);
}
