// A server in a process of its own, to be killed or drained: node replica.ts. Answers after as many milliseconds as the
// SKU says, with its process id as the name. SIGTERM drains it.
import { setTimeout as sleep } from 'node:timers/promises';
import { startFixture } from './fixture.ts';

const { server } = await startFixture(
  {
    async getProduct({ sku }) {
      await sleep(Number(sku));
      return { product: { name: String(process.pid) } };
    },
    async *execute({ calls }) {
      for (const [index, { attempt }] of calls.entries()) {
        await sleep(attempt);
        yield { outcomes: [{ index, done: { result: String(process.pid) } }] };
      }
    },
  },
  { port: Number(process.env.PORT ?? 0) },
);
server.setServing(true);

process.once('SIGTERM', async () => {
  await server.drain(5_000);
  process.exit(0);
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'serving', port: server.port });
