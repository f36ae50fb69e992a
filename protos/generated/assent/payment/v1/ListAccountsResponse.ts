// Original file: assent/payment/v1/payment.proto

import type { AccountInput as _assent_payment_v1_AccountInput, Account as _assent_payment_v1_Account } from '../../../assent/payment/v1/Account.ts';

export interface ListAccountsResponseInput {
  'accounts'?: (_assent_payment_v1_AccountInput)[];
  'nextPageToken'?: (string);
}

export interface ListAccountsResponse {
  'accounts': (_assent_payment_v1_Account)[];
  'nextPageToken': (string);
}
