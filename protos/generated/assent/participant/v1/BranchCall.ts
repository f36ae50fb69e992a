// Original file: assent/participant/v1/participant.proto

import type { RejectionInput as _assent_type_v1_RejectionInput, Rejection as _assent_type_v1_Rejection } from '../../../assent/type/v1/Rejection.ts';
import type { Long } from '@grpc/proto-loader';

// Original file: assent/participant/v1/participant.proto

export const _assent_participant_v1_BranchCall_Operation = {
  OPERATION_UNSPECIFIED: 'OPERATION_UNSPECIFIED',
  ACTION: 'ACTION',
  COMPENSATE: 'COMPENSATE',
  TRY: 'TRY',
  CONFIRM: 'CONFIRM',
  CANCEL: 'CANCEL',
  PREPARE: 'PREPARE',
  COMMIT: 'COMMIT',
  ROLLBACK: 'ROLLBACK',
  DELIVER: 'DELIVER',
  COMMIT_ONE_PHASE: 'COMMIT_ONE_PHASE',
} as const;

export type _assent_participant_v1_BranchCall_OperationInput =
  | 'OPERATION_UNSPECIFIED'
  | 0
  | 'ACTION'
  | 1
  | 'COMPENSATE'
  | 2
  | 'TRY'
  | 3
  | 'CONFIRM'
  | 4
  | 'CANCEL'
  | 5
  | 'PREPARE'
  | 6
  | 'COMMIT'
  | 7
  | 'ROLLBACK'
  | 8
  | 'DELIVER'
  | 9
  | 'COMMIT_ONE_PHASE'
  | 10

export type _assent_participant_v1_BranchCall_Operation = typeof _assent_participant_v1_BranchCall_Operation[keyof typeof _assent_participant_v1_BranchCall_Operation]

export interface BranchCallInput {
  'transactionId'?: (string);
  'branch'?: (number);
  'operation'?: (_assent_participant_v1_BranchCall_OperationInput);
  'action'?: (string);
  'payload'?: (string);
  'inputs'?: ({[key: string]: string});
  'cause'?: (_assent_type_v1_RejectionInput | null);
  'epoch'?: (number | string | Long);
  'attempt'?: (number);
  'traceparent'?: (string);
}

export interface BranchCall {
  'transactionId': (string);
  'branch': (number);
  'operation': (_assent_participant_v1_BranchCall_Operation);
  'action': (string);
  'payload': (string);
  'inputs': ({[key: string]: string});
  'cause': (_assent_type_v1_Rejection | null);
  'epoch': (string);
  'attempt': (number);
  'traceparent': (string);
}
