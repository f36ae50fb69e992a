// Original file: assent/coordinator/v1/coordinator.proto


// Original file: assent/coordinator/v1/coordinator.proto

export const _assent_coordinator_v1_GetDecisionsResponse_Decision = {
  DECISION_UNSPECIFIED: 'DECISION_UNSPECIFIED',
  UNDECIDED: 'UNDECIDED',
  COMMIT: 'COMMIT',
  ABORT: 'ABORT',
  UNKNOWN: 'UNKNOWN',
} as const;

export type _assent_coordinator_v1_GetDecisionsResponse_DecisionInput =
  | 'DECISION_UNSPECIFIED'
  | 0
  | 'UNDECIDED'
  | 1
  | 'COMMIT'
  | 2
  | 'ABORT'
  | 3
  | 'UNKNOWN'
  | 4

export type _assent_coordinator_v1_GetDecisionsResponse_Decision = typeof _assent_coordinator_v1_GetDecisionsResponse_Decision[keyof typeof _assent_coordinator_v1_GetDecisionsResponse_Decision]

export interface GetDecisionsResponseInput {
  'decisions'?: (_assent_coordinator_v1_GetDecisionsResponse_DecisionInput)[];
}

export interface GetDecisionsResponse {
  'decisions': (_assent_coordinator_v1_GetDecisionsResponse_Decision)[];
}
