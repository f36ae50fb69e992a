// Original file: assent/coordinator/v1/coordinator.proto

import type { BranchInput as _assent_coordinator_v1_BranchInput, Branch as _assent_coordinator_v1_Branch } from '../../../assent/coordinator/v1/Branch.ts';
import type { RejectionInput as _assent_type_v1_RejectionInput, Rejection as _assent_type_v1_Rejection } from '../../../assent/type/v1/Rejection.ts';
import type { TimestampInput as _google_protobuf_TimestampInput, Timestamp as _google_protobuf_Timestamp } from '../../../google/protobuf/Timestamp.ts';
import type { _assent_coordinator_v1_GetDecisionsResponse_DecisionInput, _assent_coordinator_v1_GetDecisionsResponse_Decision } from '../../../assent/coordinator/v1/GetDecisionsResponse.ts';
import type { BranchProgressInput as _assent_coordinator_v1_BranchProgressInput, BranchProgress as _assent_coordinator_v1_BranchProgress } from '../../../assent/coordinator/v1/BranchProgress.ts';
import type { Long } from '@grpc/proto-loader';

export interface _assent_coordinator_v1_Transaction_ActInput {
  'act'?: (string);
  'operator'?: (string);
  'reason'?: (string);
  'time'?: (_google_protobuf_TimestampInput | null);
  'force'?: (boolean);
  'detail'?: (string);
}

export interface _assent_coordinator_v1_Transaction_Act {
  'act': (string);
  'operator': (string);
  'reason': (string);
  'time': (_google_protobuf_Timestamp | null);
  'force': (boolean);
  'detail': (string);
}

// Original file: assent/coordinator/v1/coordinator.proto

export const _assent_coordinator_v1_Transaction_State = {
  STATE_UNSPECIFIED: 'STATE_UNSPECIFIED',
  RUNNING: 'RUNNING',
  COMMITTING: 'COMMITTING',
  COMMITTED: 'COMMITTED',
  ABORTING: 'ABORTING',
  ABORTED: 'ABORTED',
  PARKED: 'PARKED',
} as const;

export type _assent_coordinator_v1_Transaction_StateInput =
  | 'STATE_UNSPECIFIED'
  | 0
  | 'RUNNING'
  | 1
  | 'COMMITTING'
  | 2
  | 'COMMITTED'
  | 3
  | 'ABORTING'
  | 4
  | 'ABORTED'
  | 5
  | 'PARKED'
  | 6

export type _assent_coordinator_v1_Transaction_State = typeof _assent_coordinator_v1_Transaction_State[keyof typeof _assent_coordinator_v1_Transaction_State]

export interface TransactionInput {
  'transactionId'?: (string);
  'state'?: (_assent_coordinator_v1_Transaction_StateInput);
  'branches'?: (_assent_coordinator_v1_BranchInput)[];
  'rejection'?: (_assent_type_v1_RejectionInput | null);
  'createTime'?: (_google_protobuf_TimestampInput | null);
  'decideTime'?: (_google_protobuf_TimestampInput | null);
  'endTime'?: (_google_protobuf_TimestampInput | null);
  'deadline'?: (_google_protobuf_TimestampInput | null);
  'owner'?: (number | string | Long);
  'traceparent'?: (string);
  'decision'?: (_assent_coordinator_v1_GetDecisionsResponse_DecisionInput);
  'parkTime'?: (_google_protobuf_TimestampInput | null);
  'progress'?: (_assent_coordinator_v1_BranchProgressInput)[];
  'ownerAddress'?: (string);
  'acts'?: (_assent_coordinator_v1_Transaction_ActInput)[];
}

export interface Transaction {
  'transactionId': (string);
  'state': (_assent_coordinator_v1_Transaction_State);
  'branches': (_assent_coordinator_v1_Branch)[];
  'rejection': (_assent_type_v1_Rejection | null);
  'createTime': (_google_protobuf_Timestamp | null);
  'decideTime': (_google_protobuf_Timestamp | null);
  'endTime': (_google_protobuf_Timestamp | null);
  'deadline': (_google_protobuf_Timestamp | null);
  'owner': (string);
  'traceparent': (string);
  'decision': (_assent_coordinator_v1_GetDecisionsResponse_Decision);
  'parkTime': (_google_protobuf_Timestamp | null);
  'progress': (_assent_coordinator_v1_BranchProgress)[];
  'ownerAddress': (string);
  'acts': (_assent_coordinator_v1_Transaction_Act)[];
}
