// The contracts of the platform, loaded from the .proto files, with the types that are generated from the same files.
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { fromJSON, type PackageDefinition } from '@grpc/proto-loader';
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
import contracts from './generated/contracts.json' with { type: 'json' };
import { loaderOptions } from './loader.ts';

export { fileDescriptors } from './descriptors.ts';

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

type ContractsJson = Parameters<typeof fromJSON>[0];

/** Every message, enum and service of the contracts, as proto-loader gives them. */
export const packageDefinition: PackageDefinition = fromJSON(contracts as unknown as ContractsJson, loaderOptions);

function service<Handlers>(name: string): Service<Handlers> {
  return { name, definition: packageDefinition[name] as ServiceDefinition };
}

export const OrderService = service<OrderServiceHandlers>('assent.order.v1.OrderService');
export const InventoryService = service<InventoryServiceHandlers>('assent.inventory.v1.InventoryService');
export const PaymentService = service<PaymentServiceHandlers>('assent.payment.v1.PaymentService');
export const CoordinatorService = service<CoordinatorServiceHandlers>('assent.coordinator.v1.CoordinatorService');
export const ParticipantService = service<ParticipantServiceHandlers>('assent.participant.v1.ParticipantService');
