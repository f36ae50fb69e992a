import { packageDefinition } from '@assent/protos';
import type { Server } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';

/** Lets tools such as grpcurl ask the server what it serves. */
export function addReflection(server: Server, services: readonly string[]): void {
  const definitions = { ...descriptors(packageDefinition), ...descriptors(loadSync(healthProto)) };
  new ReflectionService(definitions, { services: [...services, 'grpc.health.v1.Health'] }).addToServer(server);
}

// Every message of a package definition carries the descriptors of all its files; one of them is enough, and faster.
function descriptors(definition: PackageDefinition): PackageDefinition {
  const message = Object.entries(definition).find(([, { fileDescriptorProtos }]) =>
    Array.isArray(fileDescriptorProtos),
  );
  return Object.fromEntries(message ? [message] : []);
}
