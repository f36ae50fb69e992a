// Original file: assent/type/v1/rejection.proto


export interface RejectionInput {
  'code'?: (string);
  'message'?: (string);
}

export interface Rejection {
  'code': (string);
  'message': (string);
}
