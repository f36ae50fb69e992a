// Original file: assent/participant/v1/participant.proto

import type { BranchOutcomeInput as _assent_participant_v1_BranchOutcomeInput, BranchOutcome as _assent_participant_v1_BranchOutcome } from '../../../assent/participant/v1/BranchOutcome.ts';

export interface ExecuteResponseInput {
  'outcomes'?: (_assent_participant_v1_BranchOutcomeInput)[];
}

export interface ExecuteResponse {
  'outcomes': (_assent_participant_v1_BranchOutcome)[];
}
