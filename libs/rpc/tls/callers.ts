// Who may call what. The NetworkPolicies of the chart are drawn from the same arrows (helm/assent/templates/_facts.tpl), which
// a test holds against these.

const participants = ['order', 'inventory', 'payment'];

/** Of each service, or of each of its methods, the services that may call it. */
const callers: Readonly<Record<string, readonly string[]>> = {
  'assent.order.v1.OrderService': ['gateway'],
  'assent.inventory.v1.InventoryService': ['gateway', 'order'],
  'assent.payment.v1.PaymentService': ['gateway', 'order'],
  'assent.participant.v1.ParticipantService': ['coordinator'],
  // Operators' methods are for the gateway, which knows operators. A coordinator asks its peers how far they are.
  'assent.coordinator.v1.CoordinatorService': ['gateway'],
  'assent.coordinator.v1.CoordinatorService/RunTransaction': ['order'],
  'assent.coordinator.v1.CoordinatorService/RunTransactions': ['order'],
  'assent.coordinator.v1.CoordinatorService/GetDecisions': participants,
  'assent.coordinator.v1.CoordinatorService/GetTransaction': ['gateway', 'coordinator'],
  'assent.coordinator.v1.CoordinatorService/ListTransactions': ['gateway', ...participants],
};

/** Metadata that only those may send whose word counts for it. */
export const headers: Readonly<Record<string, readonly string[]>> = { 'assent-operator': ['gateway'] };

/** All services that call others. */
export const knownCallers: readonly string[] = [...new Set(Object.values(callers).flat())];

/** Who may call a method, such as `assent.order.v1.OrderService/GetOrder`; nobody, when it isn't in the table. */
export function callersOf(method: string): readonly string[] {
  return callers[method] ?? callers[method.slice(0, method.indexOf('/'))] ?? [];
}
