// Original file: assent/order/v1/order.proto

import type { OrderLineInput as _assent_order_v1_OrderLineInput, OrderLine as _assent_order_v1_OrderLine } from '../../../assent/order/v1/OrderLine.ts';
import type { RejectionInput as _assent_type_v1_RejectionInput, Rejection as _assent_type_v1_Rejection } from '../../../assent/type/v1/Rejection.ts';
import type { MoneyInput as _assent_type_v1_MoneyInput, Money as _assent_type_v1_Money } from '../../../assent/type/v1/Money.ts';
import type { TimestampInput as _google_protobuf_TimestampInput, Timestamp as _google_protobuf_Timestamp } from '../../../google/protobuf/Timestamp.ts';

// Original file: assent/order/v1/order.proto

export const _assent_order_v1_Order_Mode = {
  MODE_UNSPECIFIED: 'MODE_UNSPECIFIED',
  SAGA: 'SAGA',
  TCC: 'TCC',
  TWO_PHASE: 'TWO_PHASE',
} as const;

export type _assent_order_v1_Order_ModeInput =
  | 'MODE_UNSPECIFIED'
  | 0
  | 'SAGA'
  | 1
  | 'TCC'
  | 2
  | 'TWO_PHASE'
  | 3

export type _assent_order_v1_Order_Mode = typeof _assent_order_v1_Order_Mode[keyof typeof _assent_order_v1_Order_Mode]

// Original file: assent/order/v1/order.proto

export const _assent_order_v1_Order_Status = {
  STATUS_UNSPECIFIED: 'STATUS_UNSPECIFIED',
  PENDING: 'PENDING',
  CONFIRMED: 'CONFIRMED',
  REJECTED: 'REJECTED',
  CANCELLING: 'CANCELLING',
  CANCELLED: 'CANCELLED',
} as const;

export type _assent_order_v1_Order_StatusInput =
  | 'STATUS_UNSPECIFIED'
  | 0
  | 'PENDING'
  | 1
  | 'CONFIRMED'
  | 2
  | 'REJECTED'
  | 3
  | 'CANCELLING'
  | 4
  | 'CANCELLED'
  | 5

export type _assent_order_v1_Order_Status = typeof _assent_order_v1_Order_Status[keyof typeof _assent_order_v1_Order_Status]

export interface OrderInput {
  'orderId'?: (string);
  'accountId'?: (string);
  'lines'?: (_assent_order_v1_OrderLineInput)[];
  'mode'?: (_assent_order_v1_Order_ModeInput);
  'status'?: (_assent_order_v1_Order_StatusInput);
  'rejection'?: (_assent_type_v1_RejectionInput | null);
  'total'?: (_assent_type_v1_MoneyInput | null);
  'createTime'?: (_google_protobuf_TimestampInput | null);
  'updateTime'?: (_google_protobuf_TimestampInput | null);
}

export interface Order {
  'orderId': (string);
  'accountId': (string);
  'lines': (_assent_order_v1_OrderLine)[];
  'mode': (_assent_order_v1_Order_Mode);
  'status': (_assent_order_v1_Order_Status);
  'rejection': (_assent_type_v1_Rejection | null);
  'total': (_assent_type_v1_Money | null);
  'createTime': (_google_protobuf_Timestamp | null);
  'updateTime': (_google_protobuf_Timestamp | null);
}
