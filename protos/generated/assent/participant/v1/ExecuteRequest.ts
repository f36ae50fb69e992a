// Original file: assent/participant/v1/participant.proto

import type { BranchCallInput as _assent_participant_v1_BranchCallInput, BranchCall as _assent_participant_v1_BranchCall } from '../../../assent/participant/v1/BranchCall.ts';

export interface ExecuteRequestInput {
  'calls'?: (_assent_participant_v1_BranchCallInput)[];
}

export interface ExecuteRequest {
  'calls': (_assent_participant_v1_BranchCall)[];
}
