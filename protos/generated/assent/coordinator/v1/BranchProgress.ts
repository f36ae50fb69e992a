// Original file: assent/coordinator/v1/coordinator.proto

import type { RejectionInput as _assent_type_v1_RejectionInput, Rejection as _assent_type_v1_Rejection } from '../../../assent/type/v1/Rejection.ts';
import type { TimestampInput as _google_protobuf_TimestampInput, Timestamp as _google_protobuf_Timestamp } from '../../../google/protobuf/Timestamp.ts';

// Original file: assent/coordinator/v1/coordinator.proto

export const _assent_coordinator_v1_BranchProgress_Stage = {
  STAGE_UNSPECIFIED: 'STAGE_UNSPECIFIED',
  WAITING: 'WAITING',
  SENT: 'SENT',
  SETTLED: 'SETTLED',
  REJECTED: 'REJECTED',
  STUCK: 'STUCK',
  OMITTED: 'OMITTED',
} as const;

export type _assent_coordinator_v1_BranchProgress_StageInput =
  | 'STAGE_UNSPECIFIED'
  | 0
  | 'WAITING'
  | 1
  | 'SENT'
  | 2
  | 'SETTLED'
  | 3
  | 'REJECTED'
  | 4
  | 'STUCK'
  | 5
  | 'OMITTED'
  | 6

export type _assent_coordinator_v1_BranchProgress_Stage = typeof _assent_coordinator_v1_BranchProgress_Stage[keyof typeof _assent_coordinator_v1_BranchProgress_Stage]

export interface BranchProgressInput {
  'stage'?: (_assent_coordinator_v1_BranchProgress_StageInput);
  'operation'?: (string);
  'attempts'?: (number);
  'error'?: (_assent_type_v1_RejectionInput | null);
  'sendTime'?: (_google_protobuf_TimestampInput | null);
}

export interface BranchProgress {
  'stage': (_assent_coordinator_v1_BranchProgress_Stage);
  'operation': (string);
  'attempts': (number);
  'error': (_assent_type_v1_Rejection | null);
  'sendTime': (_google_protobuf_Timestamp | null);
}
