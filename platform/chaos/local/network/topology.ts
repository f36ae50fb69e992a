import type { ServiceName } from '../../../start/services.ts';

/** Which services call which. */
export const calls: Readonly<Record<ServiceName, readonly ServiceName[]>> = {
  gateway: ['order', 'inventory', 'payment', 'coordinator'],
  order: ['inventory', 'payment', 'coordinator'],
  coordinator: ['order', 'inventory', 'payment'],
  inventory: ['coordinator'],
  payment: ['coordinator'],
};

/** The PostgreSQL server, with the databases of all. */
export const database = 'database';

/** A replica such as order-1, all of a service such as order, or the database. */
export type Party = string;

/** Of a replica such as order-1. */
export function serviceOf(replica: string): ServiceName {
  return replica.replace(/-\d+$/, '') as ServiceName;
}

export function includes(party: Party, member: string): boolean {
  return party === member || party === serviceOf(member);
}
