// The participant of the matrix.
import { join } from 'node:path';
import { CoordinatorService } from '@assent/protos';
import { runService } from '@assent/service';
import { createParticipant, participantMigrations } from '@assent/transactions/participant';
import { note } from './actions.ts';
import { config } from './config.ts';
import { hasty, withoutBarrier } from './planted.ts';

await runService({
  name: 'ledger',
  config,
  migrations: [{ name: 'ledger', directory: join(import.meta.dirname, 'migrations') }, participantMigrations([note])],
  async start({ connect, database: open, log }) {
    const database = open();
    const isHasty = config.PLANTED === 'hasty';
    const coordinator = connect(CoordinatorService, 'coordinator');
    const participant = createParticipant({
      database: config.PLANTED === 'no barrier' ? withoutBarrier(database) : database,
      secondPhase: open({ name: 'ledger second phase', size: 2 }),
      actions: [note],
      coordinator: isHasty ? hasty(coordinator) : coordinator,
      log,
      // In doubt soon, so that it is looked after while things go wrong.
      reconcileEvery_ms: isHasty ? 20 : 100,
      inDoubtAfter_ms: isHasty ? 20 : 100,
    });
    await participant.start();
    return { services: [participant.service], afterDrain: () => participant.stop() };
  },
});
