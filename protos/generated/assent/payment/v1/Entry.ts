// Original file: assent/payment/v1/payment.proto

import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';
import type { TimestampInput as _google_protobuf_TimestampInput, Timestamp as _google_protobuf_Timestamp } from '../../../google/protobuf/Timestamp.ts';

// Original file: assent/payment/v1/payment.proto

export const _assent_payment_v1_Entry_Kind = {
  KIND_UNSPECIFIED: 'KIND_UNSPECIFIED',
  DEPOSIT: 'DEPOSIT',
  CHARGE: 'CHARGE',
  REFUND: 'REFUND',
} as const;

export type _assent_payment_v1_Entry_KindInput =
  | 'KIND_UNSPECIFIED'
  | 0
  | 'DEPOSIT'
  | 1
  | 'CHARGE'
  | 2
  | 'REFUND'
  | 3

export type _assent_payment_v1_Entry_Kind = typeof _assent_payment_v1_Entry_Kind[keyof typeof _assent_payment_v1_Entry_Kind]

export interface EntryInput {
  'entryId'?: (string);
  'accountId'?: (string);
  'kind'?: (_assent_payment_v1_Entry_KindInput);
  'amount'?: (_assent_type_v1_MoneyInput | null);
  'orderId'?: (string);
  'createTime'?: (_google_protobuf_TimestampInput | null);
}

export interface Entry {
  'entryId': (string);
  'accountId': (string);
  'kind': (_assent_payment_v1_Entry_Kind);
  'amount': (_assent_type_v1_Money | null);
  'orderId': (string);
  'createTime': (_google_protobuf_Timestamp | null);
}
