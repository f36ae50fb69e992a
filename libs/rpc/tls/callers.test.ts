import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as contracts from '@assent/protos';
import { expect, test } from '@jest/globals';
import { callersOf, headers, knownCallers } from './callers.ts';

const facts = readFileSync(join(import.meta.dirname, '../../../helm/assent/templates/_facts.tpl'), 'utf8');
/** Who calls whom, by the chart. */
const arrows = Array.from(facts.matchAll(/^(\w+):\n {2}callers: \[(.*)\]$/gm), ([, service, callers]) => ({
  service: service!,
  callers: callers!.split(', ').filter((caller) => caller !== ''),
}));

const services = [
  contracts.OrderService,
  contracts.InventoryService,
  contracts.PaymentService,
  contracts.ParticipantService,
  contracts.CoordinatorService,
];
const methodsOf = ({ name, definition }: contracts.Service<unknown>) =>
  Object.entries(definition).map(([method, it]) => ({
    method: `${name}/${method}`,
    isForOperators: '(assent.type.v1.scope)' in (it as unknown as { options: object }).options,
  }));

/** The RPC services that each of the services serves. */
const served: Readonly<Record<string, readonly contracts.Service<unknown>[]>> = {
  gateway: [],
  coordinator: [contracts.CoordinatorService],
  order: [contracts.OrderService, contracts.ParticipantService],
  inventory: [contracts.InventoryService, contracts.ParticipantService],
  payment: [contracts.PaymentService, contracts.ParticipantService],
};

test('the table and the network policies of the chart say the same', () => {
  expect(arrows.map(({ service }) => service).sort()).toEqual(Object.keys(served).sort());
  for (const { service, callers } of arrows) {
    const may = served[service]!.flatMap(methodsOf).flatMap(({ method }) => callersOf(method));
    expect({ service, callers: [...new Set(may)].sort() }).toEqual({ service, callers: callers.sort() });
  }
});

test('every method is there for somebody, and those for operators for the gateway alone', () => {
  const methods = services.flatMap(methodsOf);
  expect(methods.filter(({ method }) => callersOf(method).length === 0)).toEqual([]);
  const forOperators = methods.filter(({ isForOperators }) => isForOperators);
  expect(forOperators.length).toBeGreaterThan(3);
  for (const { method } of forOperators) expect(callersOf(method)).toEqual(['gateway']);
  expect(headers['assent-operator']).toEqual(['gateway']);
});

test('what is not in the table is for nobody', () => {
  for (const method of ['assent.refund.v1.RefundService/Refund', 'assent.order.v1.OrderServiceToo/GetOrder', '', '/'])
    expect(callersOf(method)).toEqual([]);
  expect([...knownCallers].sort()).toEqual(Object.keys(served).sort());
});
