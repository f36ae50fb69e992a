// Original file: assent/inventory/v1/inventory.proto

import type { TimestampInput as _google_protobuf_TimestampInput, Timestamp as _google_protobuf_Timestamp } from '../../../google/protobuf/Timestamp.ts';

// Original file: assent/inventory/v1/inventory.proto

export const _assent_inventory_v1_Reservation_State = {
  STATE_UNSPECIFIED: 'STATE_UNSPECIFIED',
  HELD: 'HELD',
  SOLD: 'SOLD',
  RELEASED: 'RELEASED',
} as const;

export type _assent_inventory_v1_Reservation_StateInput =
  | 'STATE_UNSPECIFIED'
  | 0
  | 'HELD'
  | 1
  | 'SOLD'
  | 2
  | 'RELEASED'
  | 3

export type _assent_inventory_v1_Reservation_State = typeof _assent_inventory_v1_Reservation_State[keyof typeof _assent_inventory_v1_Reservation_State]

export interface ReservationInput {
  'orderId'?: (string);
  'sku'?: (string);
  'quantity'?: (number);
  'state'?: (_assent_inventory_v1_Reservation_StateInput);
  'createTime'?: (_google_protobuf_TimestampInput | null);
}

export interface Reservation {
  'orderId': (string);
  'sku': (string);
  'quantity': (number);
  'state': (_assent_inventory_v1_Reservation_State);
  'createTime': (_google_protobuf_Timestamp | null);
}
