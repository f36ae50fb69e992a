// Original file: assent/inventory/v1/inventory.proto

import type { ReservationInput as _assent_inventory_v1_ReservationInput, Reservation as _assent_inventory_v1_Reservation } from '../../../assent/inventory/v1/Reservation.ts';

export interface ListReservationsResponseInput {
  'reservations'?: (_assent_inventory_v1_ReservationInput)[];
  'nextPageToken'?: (string);
}

export interface ListReservationsResponse {
  'reservations': (_assent_inventory_v1_Reservation)[];
  'nextPageToken': (string);
}
