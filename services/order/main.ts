// The orders: what is bought, by whom, and what became of it.
import { join } from 'node:path';
import { CoordinatorService, InventoryService, OrderService, PaymentService } from '@assent/protos';
import { implement } from '@assent/rpc';
import { runService } from '@assent/service';
import { createTransactionClient } from '@assent/transactions/client';
import { createParticipant, participantMigrations } from '@assent/transactions/participant';
import { actions } from './actions.ts';
import { createCatalogue } from './catalogue.ts';
import { config } from './config.ts';
import { applying_ms, createOrders } from './orders.ts';
import { orderService } from './rpc.ts';
import { getChanged } from './store.ts';
import { createWatcher } from './watch.ts';

// Look-ups share calls, so one that hangs must not keep others waiting for long: half of this, then another replica is asked. One
// that has just started on a busy machine takes its second or two.
const lookUp_ms = 5_000;

await runService({
  name: 'order',
  config,
  migrations: [{ name: 'order', directory: join(import.meta.dirname, 'migrations') }, participantMigrations(actions)],
  async start({ connect, database: open, log, singleton }) {
    const database = open();
    const coordinator = connect(CoordinatorService, 'coordinator');
    const participant = createParticipant({
      database,
      actions,
      coordinator,
      log,
      singleton,
      barrierRetention_ms: config.BARRIER_RETENTION_MS,
    });
    const catalogue = createCatalogue({
      inventory: connect(InventoryService, 'inventory', { timeout_ms: lookUp_ms }),
      payment: connect(PaymentService, 'payment', { timeout_ms: lookUp_ms }),
      priceTtl_ms: config.PRICE_TTL_MS,
      accountTtl_ms: config.ACCOUNT_TTL_MS,
      size: config.CACHE_SIZE,
    });
    const timeout_ms = config.CHECKOUT_TIMEOUT_MS;
    const transactions = createTransactionClient(coordinator, timeout_ms + applying_ms);
    const orders = createOrders({ database, catalogue, coordinator: transactions, timeout_ms });
    const watcher = createWatcher({
      changed: (seen) => getChanged(database, seen),
      every_ms: config.WATCH_EVERY_MS,
      limit: config.MAX_WATCHERS,
      log,
    });
    await participant.start();
    return {
      services: [implement(OrderService, orderService(database, orders, watcher)), participant.service],
      beforeDrain: async () => watcher.close(),
      afterDrain: () => participant.stop(),
    };
  },
});
