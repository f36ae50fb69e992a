import { fileDescriptors } from '@assent/protos';
import type { Server } from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';

/** Lets tools such as grpcurl ask the server what it serves. */
export function addReflection(server: Server, services: readonly string[]): void {
  // It wants a package definition, and looks only at the descriptors.
  const contracts = { contracts: { fileDescriptorProtos: fileDescriptors() } } as unknown as PackageDefinition;
  new ReflectionService(contracts, { services: [...services, 'grpc.health.v1.Health'] }).addToServer(server);
}
