// Original file: assent/payment/v1/payment.proto

import type { EntryInput as _assent_payment_v1_EntryInput, Entry as _assent_payment_v1_Entry } from '../../../assent/payment/v1/Entry.ts';

export interface ListEntriesResponseInput {
  'entries'?: (_assent_payment_v1_EntryInput)[];
  'nextPageToken'?: (string);
}

export interface ListEntriesResponse {
  'entries': (_assent_payment_v1_Entry)[];
  'nextPageToken': (string);
}
