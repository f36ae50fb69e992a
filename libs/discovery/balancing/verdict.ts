import { status } from '@grpc/grpc-js';

/**
 * What the end of a call says of the endpoint: it did its work, it is sick, it sheds load (which is no illness), or
 * nothing.
 */
export type Verdict = 'fine' | 'sick' | 'busy' | 'unknown';

export function verdictOf(code: status): Verdict {
  switch (code) {
    case status.UNAVAILABLE:
    case status.INTERNAL:
    case status.UNKNOWN:
    case status.DATA_LOSS:
    // An endpoint that takes calls and never answers shows in nothing else.
    case status.DEADLINE_EXCEEDED:
      return 'sick';
    case status.RESOURCE_EXHAUSTED:
      return 'busy';
    // The caller's doing; and what an older release answers to a new method.
    case status.CANCELLED:
    case status.UNIMPLEMENTED:
      return 'unknown';
    default:
      return 'fine';
  }
}
