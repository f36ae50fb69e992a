// The contracts of the platform, loaded from the .proto files, with the types that are generated from the same files.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import type {
  CoordinatorServiceDefinition,
  CoordinatorServiceHandlers,
} from './generated/assent/coordinator/v1/CoordinatorService.ts';
import type {
  InventoryServiceDefinition,
  InventoryServiceHandlers,
} from './generated/assent/inventory/v1/InventoryService.ts';
import type { OrderServiceDefinition, OrderServiceHandlers } from './generated/assent/order/v1/OrderService.ts';
import type {
  ParticipantServiceDefinition,
  ParticipantServiceHandlers,
} from './generated/assent/participant/v1/ParticipantService.ts';
import type { PaymentServiceDefinition, PaymentServiceHandlers } from './generated/assent/payment/v1/PaymentService.ts';
import { loaderOptions } from './loader.ts';

/** A gRPC service: what to serve and call it by, and (for the compiler only) the types of its methods. */
export interface Service<Handlers = UntypedServiceImplementation> {
  /** The full name, such as `assent.order.v1.OrderService`. */
  readonly name: string;
  readonly definition: ServiceDefinition;
  /** Never set. */
  readonly handlers?: Handlers;
}

/** The types of a service's messages, which its handlers know only half of: who calls writes requests and reads responses. */
export type DefinitionOf<Handlers> = Extract<Contract, [Handlers, unknown]>[1];

type Contract =
  | [OrderServiceHandlers, OrderServiceDefinition]
  | [InventoryServiceHandlers, InventoryServiceDefinition]
  | [PaymentServiceHandlers, PaymentServiceDefinition]
  | [CoordinatorServiceHandlers, CoordinatorServiceDefinition]
  | [ParticipantServiceHandlers, ParticipantServiceDefinition];

/** Where the .proto files are. */
export const protoDir: string = import.meta.dirname;

/** Every message, enum and service of the contracts, as proto-loader gives them. */
export const packageDefinition: PackageDefinition = loadSync(
  globSync('{assent,google}/**/*.proto', { cwd: protoDir }).map((file) => join(protoDir, file)),
  { ...loaderOptions, includeDirs: [protoDir] },
);

function service<Handlers>(name: string): Service<Handlers> {
  return { name, definition: packageDefinition[name] as ServiceDefinition };
}

export const OrderService = service<OrderServiceHandlers>('assent.order.v1.OrderService');
export const InventoryService = service<InventoryServiceHandlers>('assent.inventory.v1.InventoryService');
export const PaymentService = service<PaymentServiceHandlers>('assent.payment.v1.PaymentService');
export const CoordinatorService = service<CoordinatorServiceHandlers>('assent.coordinator.v1.CoordinatorService');
export const ParticipantService = service<ParticipantServiceHandlers>('assent.participant.v1.ParticipantService');
