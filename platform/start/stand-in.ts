// Stands in for a service in tests: a process that serves gRPC health on PORT until SIGTERM. SIGUSR2 changes its health.
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';

const port = process.argv[2];
const server = new Server();
const health = new HealthImplementation({ '': 'SERVING' });
health.addToServer(server);
let serving = true;
process.on('SIGUSR2', () => {
  serving = !serving;
  health.setStatus('', serving ? 'SERVING' : 'NOT_SERVING');
});
process.on('SIGTERM', () => process.exit(0));
process.on('disconnect', () => process.exit(0));
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error) process.exit(1);
  process.send?.({ type: 'serving', port });
});
