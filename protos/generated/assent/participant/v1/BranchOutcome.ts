// Original file: assent/participant/v1/participant.proto

import type { RejectionInput as _assent_type_v1_RejectionInput, Rejection as _assent_type_v1_Rejection } from '../../../assent/type/v1/Rejection.ts';

export interface _assent_participant_v1_BranchOutcome_DoneInput {
  'result'?: (string);
  'readOnly'?: (boolean);
}

export interface _assent_participant_v1_BranchOutcome_Done {
  'result': (string);
  'readOnly': (boolean);
}

export interface _assent_participant_v1_BranchOutcome_FailedInput {
  'code'?: (string);
  'message'?: (string);
}

export interface _assent_participant_v1_BranchOutcome_Failed {
  'code': (string);
  'message': (string);
}

export interface BranchOutcomeInput {
  'index'?: (number);
  'done'?: (_assent_participant_v1_BranchOutcome_DoneInput | null);
  'rejected'?: (_assent_type_v1_RejectionInput | null);
  'failed'?: (_assent_participant_v1_BranchOutcome_FailedInput | null);
  'outcome'?: "done"|"rejected"|"failed";
}

export interface BranchOutcome {
  'index': (number);
  'done'?: (_assent_participant_v1_BranchOutcome_Done | null);
  'rejected'?: (_assent_type_v1_Rejection | null);
  'failed'?: (_assent_participant_v1_BranchOutcome_Failed | null);
  'outcome'?: "done"|"rejected"|"failed";
}
