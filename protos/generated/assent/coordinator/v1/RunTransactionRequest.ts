// Original file: assent/coordinator/v1/coordinator.proto

import type { BranchInput as _assent_coordinator_v1_BranchInput, Branch as _assent_coordinator_v1_Branch } from '../../../assent/coordinator/v1/Branch.ts';
import type { DurationInput as _google_protobuf_DurationInput, Duration as _google_protobuf_Duration } from '../../../google/protobuf/Duration.ts';

// Original file: assent/coordinator/v1/coordinator.proto

export const _assent_coordinator_v1_RunTransactionRequest_WaitFor = {
  WAIT_FOR_UNSPECIFIED: 'WAIT_FOR_UNSPECIFIED',
  DECIDED: 'DECIDED',
  APPLIED: 'APPLIED',
} as const;

export type _assent_coordinator_v1_RunTransactionRequest_WaitForInput =
  | 'WAIT_FOR_UNSPECIFIED'
  | 0
  | 'DECIDED'
  | 1
  | 'APPLIED'
  | 2

export type _assent_coordinator_v1_RunTransactionRequest_WaitFor = typeof _assent_coordinator_v1_RunTransactionRequest_WaitFor[keyof typeof _assent_coordinator_v1_RunTransactionRequest_WaitFor]

export interface RunTransactionRequestInput {
  'idempotencyKey'?: (string);
  'fingerprint'?: (string);
  'branches'?: (_assent_coordinator_v1_BranchInput)[];
  'timeout'?: (_google_protobuf_DurationInput | null);
  'waitFor'?: (_assent_coordinator_v1_RunTransactionRequest_WaitForInput);
}

export interface RunTransactionRequest {
  'idempotencyKey': (string);
  'fingerprint': (string);
  'branches': (_assent_coordinator_v1_Branch)[];
  'timeout': (_google_protobuf_Duration | null);
  'waitFor': (_assent_coordinator_v1_RunTransactionRequest_WaitFor);
}
