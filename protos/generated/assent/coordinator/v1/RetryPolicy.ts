// Original file: assent/coordinator/v1/coordinator.proto

import type { DurationInput as _google_protobuf_DurationInput, Duration as _google_protobuf_Duration } from '../../../google/protobuf/Duration.ts';

export interface RetryPolicyInput {
  'firstBackoff'?: (_google_protobuf_DurationInput | null);
  'maxBackoff'?: (_google_protobuf_DurationInput | null);
  'maxAttempts'?: (number);
}

export interface RetryPolicy {
  'firstBackoff': (_google_protobuf_Duration | null);
  'maxBackoff': (_google_protobuf_Duration | null);
  'maxAttempts': (number);
}
