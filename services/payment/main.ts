// The payments: accounts and their ledger.
import { join } from 'node:path';
import { CoordinatorService, PaymentService } from '@assent/protos';
import { implement } from '@assent/rpc';
import { runService } from '@assent/service';
import { createParticipant, participantMigrations } from '@assent/transactions/participant';
import { actions } from './actions.ts';
import { config } from './config.ts';
import { paymentService } from './rpc.ts';

// All charges of a moment are one batch: it mustn't wait for long for an account that one transaction holds.
const lockTimeout_ms = 500;

await runService({
  name: 'payment',
  config,
  migrations: [{ name: 'payment', directory: join(import.meta.dirname, 'migrations') }, participantMigrations(actions)],
  async start({ connect, database: open, log, singleton }) {
    const database = open({ lockTimeout_ms });
    const participant = createParticipant({
      database,
      secondPhase: open({ name: 'payment second phase', size: config.SECOND_PHASE_POOL_SIZE }),
      actions,
      coordinator: connect(CoordinatorService, 'coordinator'),
      log,
      singleton,
      barrierRetention_ms: config.BARRIER_RETENTION_MS,
    });
    await participant.start();
    return {
      services: [implement(PaymentService, paymentService(database)), participant.service],
      afterDrain: () => participant.stop(),
    };
  },
});
