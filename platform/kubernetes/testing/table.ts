// Who may call what, by the table in the code.
import * as contracts from '@assent/protos';
import { callersOf } from '@assent/rpc';

/** The RPC services that each of the services serves to others. */
export const served: Readonly<Record<string, readonly contracts.Service<unknown>[]>> = {
  coordinator: [contracts.CoordinatorService],
  order: [contracts.OrderService, contracts.ParticipantService],
  inventory: [contracts.InventoryService, contracts.ParticipantService],
  payment: [contracts.PaymentService, contracts.ParticipantService],
};

export const services = ['gateway', ...Object.keys(served)];

/** All methods of a service, such as `assent.order.v1.OrderService/GetOrder`. */
export function methodsOf(service: string): string[] {
  return (served[service] ?? []).flatMap(({ name, definition }) =>
    Object.keys(definition).map((method) => `${name}/${method}`),
  );
}

/** Pairs such as `order -> inventory:grpc`. */
export const arrows = services.flatMap((called) =>
  [...new Set(methodsOf(called).flatMap(callersOf))].map((caller) => `${caller} -> ${called}:grpc`),
);
