// The descriptors of the public contracts: what messages look like on the wire and in JSON, with the comments of the .proto files.
import { join } from 'node:path';
import {
  CoordinatorService,
  InventoryService,
  OrderService,
  PaymentService,
  protoDir,
  type Service,
} from '@assent/protos';
import protobuf from 'protobufjs';

/** A service whose annotated methods are public, and the name by which discovery knows it. */
export interface Backend {
  readonly name: string;
  readonly service: Service;
}

export const backends: readonly Backend[] = [
  { name: 'order', service: OrderService },
  { name: 'inventory', service: InventoryService },
  { name: 'payment', service: PaymentService },
  { name: 'coordinator', service: CoordinatorService },
];

/** Field names are as in the contract, snake_case. */
export const contracts: protobuf.Root = load();

function load(): protobuf.Root {
  const root = new protobuf.Root();
  // What is under google/protobuf comes with protobufjs, or isn't needed here.
  root.resolvePath = (_, target) => (target.startsWith('google/protobuf/') ? null : join(protoDir, target));
  const files = backends.map(({ name }) => `assent/${name}/v1/${name}.proto`);
  return root.loadSync(files, { keepCase: true, alternateCommentMode: true });
}

/** The name of a field in JSON: `account_id` is `accountId`. */
export function jsonName(protoName: string): string {
  return protoName.replace(/_+(.)/g, (_, letter: string) => letter.toUpperCase());
}
