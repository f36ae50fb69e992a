// Original file: assent/coordinator/v1/coordinator.proto

import type { RetryPolicyInput as _assent_coordinator_v1_RetryPolicyInput, RetryPolicy as _assent_coordinator_v1_RetryPolicy } from '../../../assent/coordinator/v1/RetryPolicy.ts';

// Original file: assent/coordinator/v1/coordinator.proto

export const _assent_coordinator_v1_Branch_Kind = {
  KIND_UNSPECIFIED: 'KIND_UNSPECIFIED',
  COMPENSATABLE: 'COMPENSATABLE',
  RESERVED: 'RESERVED',
  PREPARED: 'PREPARED',
  RETRIABLE: 'RETRIABLE',
} as const;

export type _assent_coordinator_v1_Branch_KindInput =
  | 'KIND_UNSPECIFIED'
  | 0
  | 'COMPENSATABLE'
  | 1
  | 'RESERVED'
  | 2
  | 'PREPARED'
  | 3
  | 'RETRIABLE'
  | 4

export type _assent_coordinator_v1_Branch_Kind = typeof _assent_coordinator_v1_Branch_Kind[keyof typeof _assent_coordinator_v1_Branch_Kind]

export interface BranchInput {
  'name'?: (string);
  'participant'?: (string);
  'action'?: (string);
  'kind'?: (_assent_coordinator_v1_Branch_KindInput);
  'after'?: (string)[];
  'payload'?: (string);
  'firstPhaseRetry'?: (_assent_coordinator_v1_RetryPolicyInput | null);
  'secondPhaseRetry'?: (_assent_coordinator_v1_RetryPolicyInput | null);
}

export interface Branch {
  'name': (string);
  'participant': (string);
  'action': (string);
  'kind': (_assent_coordinator_v1_Branch_Kind);
  'after': (string)[];
  'payload': (string);
  'firstPhaseRetry': (_assent_coordinator_v1_RetryPolicy | null);
  'secondPhaseRetry': (_assent_coordinator_v1_RetryPolicy | null);
}
