// A participant in a process of its own, which does what it is asked without doing anything. Its parent can close its gate:
// then first phases wait until it is open again.
import { ParticipantService } from '@assent/protos';
import { implement, serve } from '@assent/rpc';
import { createLogger } from '@assent/telemetry';

let gate = Promise.resolve();
let open = () => {};
process.on('message', (isClosed: boolean) => {
  open();
  if (isClosed) {
    gate = new Promise((resolve) => {
      open = resolve;
    });
  }
});
process.on('disconnect', () => process.exit());

const service = implement(ParticipantService, {
  async *execute({ calls }) {
    if (calls.some(({ operation }) => operation === 'TRY' || operation === 'ACTION')) await gate;
    yield { outcomes: calls.map((_, index) => ({ index, done: {} })) };
  },
});
const log = createLogger({ service: 'participant', level: 'silent' });
const server = await serve({ host: '127.0.0.1', port: Number(process.env.PORT), services: [service], log });
server.setServing(true);
process.send?.({ type: 'serving', port: server.port });
