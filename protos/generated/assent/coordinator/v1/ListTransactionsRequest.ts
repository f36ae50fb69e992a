// Original file: assent/coordinator/v1/coordinator.proto

import type { _assent_coordinator_v1_Transaction_StateInput, _assent_coordinator_v1_Transaction_State } from '../../../assent/coordinator/v1/Transaction.ts';
import type { DurationInput as _google_protobuf_DurationInput, Duration as _google_protobuf_Duration } from '../../../google/protobuf/Duration.ts';
import type { _assent_coordinator_v1_Branch_KindInput, _assent_coordinator_v1_Branch_Kind } from '../../../assent/coordinator/v1/Branch.ts';

export interface ListTransactionsRequestInput {
  'state'?: (_assent_coordinator_v1_Transaction_StateInput);
  'pageSize'?: (number);
  'pageToken'?: (string);
  'minAge'?: (_google_protobuf_DurationInput | null);
  'kind'?: (_assent_coordinator_v1_Branch_KindInput);
  'participant'?: (string);
}

export interface ListTransactionsRequest {
  'state': (_assent_coordinator_v1_Transaction_State);
  'pageSize': (number);
  'pageToken': (string);
  'minAge': (_google_protobuf_Duration | null);
  'kind': (_assent_coordinator_v1_Branch_Kind);
  'participant': (string);
}
