// What can happen to a platform, wherever it runs.
import { type ClusterFault, clusterFaultTypes, describeClusterFault, isClusterFault } from './kubernetes/faults.ts';
import { describeLocalFault, type LocalFault, localFaultTypes } from './local/faults.ts';

export const faultTypes = [...localFaultTypes, ...clusterFaultTypes] as const;

export type Fault = LocalFault | ClusterFault;
export type FaultType = Fault['type'];

/** Where a platform runs. */
export type Place = 'local' | 'kubernetes';

export const faultTypesOf: Readonly<Record<Place, readonly FaultType[]>> = {
  local: localFaultTypes,
  kubernetes: clusterFaultTypes,
};

/** How long it is made to last; what is done at once has no length. */
export function lengthOf_ms(fault: Fault): number {
  return 'for_ms' in fault ? fault.for_ms : 0;
}

/** What is done to whom, for people. */
export function describeFault(fault: Fault): string {
  return isClusterFault(fault) ? describeClusterFault(fault) : describeLocalFault(fault);
}
