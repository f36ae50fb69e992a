// Original file: assent/coordinator/v1/coordinator.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetDecisionsRequestInput as _assent_coordinator_v1_GetDecisionsRequestInput, GetDecisionsRequest as _assent_coordinator_v1_GetDecisionsRequest } from '../../../assent/coordinator/v1/GetDecisionsRequest.ts';
import type { GetDecisionsResponseInput as _assent_coordinator_v1_GetDecisionsResponseInput, GetDecisionsResponse as _assent_coordinator_v1_GetDecisionsResponse } from '../../../assent/coordinator/v1/GetDecisionsResponse.ts';
import type { GetTransactionRequestInput as _assent_coordinator_v1_GetTransactionRequestInput, GetTransactionRequest as _assent_coordinator_v1_GetTransactionRequest } from '../../../assent/coordinator/v1/GetTransactionRequest.ts';
import type { GetTransactionResponseInput as _assent_coordinator_v1_GetTransactionResponseInput, GetTransactionResponse as _assent_coordinator_v1_GetTransactionResponse } from '../../../assent/coordinator/v1/GetTransactionResponse.ts';
import type { ListTransactionsRequestInput as _assent_coordinator_v1_ListTransactionsRequestInput, ListTransactionsRequest as _assent_coordinator_v1_ListTransactionsRequest } from '../../../assent/coordinator/v1/ListTransactionsRequest.ts';
import type { ListTransactionsResponseInput as _assent_coordinator_v1_ListTransactionsResponseInput, ListTransactionsResponse as _assent_coordinator_v1_ListTransactionsResponse } from '../../../assent/coordinator/v1/ListTransactionsResponse.ts';
import type { RunTransactionRequestInput as _assent_coordinator_v1_RunTransactionRequestInput, RunTransactionRequest as _assent_coordinator_v1_RunTransactionRequest } from '../../../assent/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponseInput as _assent_coordinator_v1_RunTransactionResponseInput, RunTransactionResponse as _assent_coordinator_v1_RunTransactionResponse } from '../../../assent/coordinator/v1/RunTransactionResponse.ts';
import type { RunTransactionsRequestInput as _assent_coordinator_v1_RunTransactionsRequestInput, RunTransactionsRequest as _assent_coordinator_v1_RunTransactionsRequest } from '../../../assent/coordinator/v1/RunTransactionsRequest.ts';
import type { RunTransactionsResponseInput as _assent_coordinator_v1_RunTransactionsResponseInput, RunTransactionsResponse as _assent_coordinator_v1_RunTransactionsResponse } from '../../../assent/coordinator/v1/RunTransactionsResponse.ts';

export interface CoordinatorServiceClient extends grpc.Client {
  GetDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  GetDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  GetDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  GetDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  getDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  getDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  getDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  getDecisions(argument: _assent_coordinator_v1_GetDecisionsRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_GetDecisionsResponse>): grpc.ClientUnaryCall;
  
  GetTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  GetTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  GetTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  GetTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  getTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  getTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  getTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  getTransaction(argument: _assent_coordinator_v1_GetTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_GetTransactionResponse>): grpc.ClientUnaryCall;
  
  ListTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  ListTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  ListTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  ListTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  listTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  listTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  listTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  listTransactions(argument: _assent_coordinator_v1_ListTransactionsRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_ListTransactionsResponse>): grpc.ClientUnaryCall;
  
  RunTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  RunTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  RunTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  RunTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  runTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  runTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  runTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  runTransaction(argument: _assent_coordinator_v1_RunTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_RunTransactionResponse>): grpc.ClientUnaryCall;
  
  RunTransactions(argument: _assent_coordinator_v1_RunTransactionsRequestInput, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_coordinator_v1_RunTransactionsResponse>;
  RunTransactions(argument: _assent_coordinator_v1_RunTransactionsRequestInput, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_coordinator_v1_RunTransactionsResponse>;
  runTransactions(argument: _assent_coordinator_v1_RunTransactionsRequestInput, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_coordinator_v1_RunTransactionsResponse>;
  runTransactions(argument: _assent_coordinator_v1_RunTransactionsRequestInput, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_coordinator_v1_RunTransactionsResponse>;
  
}

export interface CoordinatorServiceHandlers extends grpc.UntypedServiceImplementation {
  GetDecisions: grpc.handleUnaryCall<_assent_coordinator_v1_GetDecisionsRequest, _assent_coordinator_v1_GetDecisionsResponseInput>;
  
  GetTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_GetTransactionRequest, _assent_coordinator_v1_GetTransactionResponseInput>;
  
  ListTransactions: grpc.handleUnaryCall<_assent_coordinator_v1_ListTransactionsRequest, _assent_coordinator_v1_ListTransactionsResponseInput>;
  
  RunTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_RunTransactionRequest, _assent_coordinator_v1_RunTransactionResponseInput>;
  
  RunTransactions: grpc.handleServerStreamingCall<_assent_coordinator_v1_RunTransactionsRequest, _assent_coordinator_v1_RunTransactionsResponseInput>;
  
}

export interface CoordinatorServiceDefinition extends grpc.ServiceDefinition {
  GetDecisions: MethodDefinition<_assent_coordinator_v1_GetDecisionsRequestInput, _assent_coordinator_v1_GetDecisionsResponseInput, _assent_coordinator_v1_GetDecisionsRequest, _assent_coordinator_v1_GetDecisionsResponse>
  GetTransaction: MethodDefinition<_assent_coordinator_v1_GetTransactionRequestInput, _assent_coordinator_v1_GetTransactionResponseInput, _assent_coordinator_v1_GetTransactionRequest, _assent_coordinator_v1_GetTransactionResponse>
  ListTransactions: MethodDefinition<_assent_coordinator_v1_ListTransactionsRequestInput, _assent_coordinator_v1_ListTransactionsResponseInput, _assent_coordinator_v1_ListTransactionsRequest, _assent_coordinator_v1_ListTransactionsResponse>
  RunTransaction: MethodDefinition<_assent_coordinator_v1_RunTransactionRequestInput, _assent_coordinator_v1_RunTransactionResponseInput, _assent_coordinator_v1_RunTransactionRequest, _assent_coordinator_v1_RunTransactionResponse>
  RunTransactions: MethodDefinition<_assent_coordinator_v1_RunTransactionsRequestInput, _assent_coordinator_v1_RunTransactionsResponseInput, _assent_coordinator_v1_RunTransactionsRequest, _assent_coordinator_v1_RunTransactionsResponse>
}
