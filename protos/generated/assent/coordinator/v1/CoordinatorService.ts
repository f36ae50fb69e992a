// Original file: assent/coordinator/v1/coordinator.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AbortTransactionRequestInput as _assent_coordinator_v1_AbortTransactionRequestInput, AbortTransactionRequest as _assent_coordinator_v1_AbortTransactionRequest } from '../../../assent/coordinator/v1/AbortTransactionRequest.ts';
import type { AbortTransactionResponseInput as _assent_coordinator_v1_AbortTransactionResponseInput, AbortTransactionResponse as _assent_coordinator_v1_AbortTransactionResponse } from '../../../assent/coordinator/v1/AbortTransactionResponse.ts';
import type { GetDecisionsRequestInput as _assent_coordinator_v1_GetDecisionsRequestInput, GetDecisionsRequest as _assent_coordinator_v1_GetDecisionsRequest } from '../../../assent/coordinator/v1/GetDecisionsRequest.ts';
import type { GetDecisionsResponseInput as _assent_coordinator_v1_GetDecisionsResponseInput, GetDecisionsResponse as _assent_coordinator_v1_GetDecisionsResponse } from '../../../assent/coordinator/v1/GetDecisionsResponse.ts';
import type { GetTransactionRequestInput as _assent_coordinator_v1_GetTransactionRequestInput, GetTransactionRequest as _assent_coordinator_v1_GetTransactionRequest } from '../../../assent/coordinator/v1/GetTransactionRequest.ts';
import type { GetTransactionResponseInput as _assent_coordinator_v1_GetTransactionResponseInput, GetTransactionResponse as _assent_coordinator_v1_GetTransactionResponse } from '../../../assent/coordinator/v1/GetTransactionResponse.ts';
import type { ListTransactionsRequestInput as _assent_coordinator_v1_ListTransactionsRequestInput, ListTransactionsRequest as _assent_coordinator_v1_ListTransactionsRequest } from '../../../assent/coordinator/v1/ListTransactionsRequest.ts';
import type { ListTransactionsResponseInput as _assent_coordinator_v1_ListTransactionsResponseInput, ListTransactionsResponse as _assent_coordinator_v1_ListTransactionsResponse } from '../../../assent/coordinator/v1/ListTransactionsResponse.ts';
import type { ResolveTransactionRequestInput as _assent_coordinator_v1_ResolveTransactionRequestInput, ResolveTransactionRequest as _assent_coordinator_v1_ResolveTransactionRequest } from '../../../assent/coordinator/v1/ResolveTransactionRequest.ts';
import type { ResolveTransactionResponseInput as _assent_coordinator_v1_ResolveTransactionResponseInput, ResolveTransactionResponse as _assent_coordinator_v1_ResolveTransactionResponse } from '../../../assent/coordinator/v1/ResolveTransactionResponse.ts';
import type { RetryTransactionRequestInput as _assent_coordinator_v1_RetryTransactionRequestInput, RetryTransactionRequest as _assent_coordinator_v1_RetryTransactionRequest } from '../../../assent/coordinator/v1/RetryTransactionRequest.ts';
import type { RetryTransactionResponseInput as _assent_coordinator_v1_RetryTransactionResponseInput, RetryTransactionResponse as _assent_coordinator_v1_RetryTransactionResponse } from '../../../assent/coordinator/v1/RetryTransactionResponse.ts';
import type { RunTransactionRequestInput as _assent_coordinator_v1_RunTransactionRequestInput, RunTransactionRequest as _assent_coordinator_v1_RunTransactionRequest } from '../../../assent/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponseInput as _assent_coordinator_v1_RunTransactionResponseInput, RunTransactionResponse as _assent_coordinator_v1_RunTransactionResponse } from '../../../assent/coordinator/v1/RunTransactionResponse.ts';
import type { RunTransactionsRequestInput as _assent_coordinator_v1_RunTransactionsRequestInput, RunTransactionsRequest as _assent_coordinator_v1_RunTransactionsRequest } from '../../../assent/coordinator/v1/RunTransactionsRequest.ts';
import type { RunTransactionsResponseInput as _assent_coordinator_v1_RunTransactionsResponseInput, RunTransactionsResponse as _assent_coordinator_v1_RunTransactionsResponse } from '../../../assent/coordinator/v1/RunTransactionsResponse.ts';
import type { SkipBranchRequestInput as _assent_coordinator_v1_SkipBranchRequestInput, SkipBranchRequest as _assent_coordinator_v1_SkipBranchRequest } from '../../../assent/coordinator/v1/SkipBranchRequest.ts';
import type { SkipBranchResponseInput as _assent_coordinator_v1_SkipBranchResponseInput, SkipBranchResponse as _assent_coordinator_v1_SkipBranchResponse } from '../../../assent/coordinator/v1/SkipBranchResponse.ts';

export interface CoordinatorServiceClient extends grpc.Client {
  AbortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  AbortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  AbortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  AbortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  abortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  abortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  abortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  abortTransaction(argument: _assent_coordinator_v1_AbortTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_AbortTransactionResponse>): grpc.ClientUnaryCall;
  
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
  
  ResolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  ResolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  ResolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  ResolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  resolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  resolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  resolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  resolveTransaction(argument: _assent_coordinator_v1_ResolveTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_ResolveTransactionResponse>): grpc.ClientUnaryCall;
  
  RetryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  RetryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  RetryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  RetryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  retryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  retryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  retryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  retryTransaction(argument: _assent_coordinator_v1_RetryTransactionRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_RetryTransactionResponse>): grpc.ClientUnaryCall;
  
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
  
  SkipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  SkipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  SkipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  SkipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  skipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  skipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, metadata: grpc.Metadata, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  skipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, options: grpc.CallOptions, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  skipBranch(argument: _assent_coordinator_v1_SkipBranchRequestInput, callback: grpc.requestCallback<_assent_coordinator_v1_SkipBranchResponse>): grpc.ClientUnaryCall;
  
}

export interface CoordinatorServiceHandlers extends grpc.UntypedServiceImplementation {
  AbortTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_AbortTransactionRequest, _assent_coordinator_v1_AbortTransactionResponseInput>;
  
  GetDecisions: grpc.handleUnaryCall<_assent_coordinator_v1_GetDecisionsRequest, _assent_coordinator_v1_GetDecisionsResponseInput>;
  
  GetTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_GetTransactionRequest, _assent_coordinator_v1_GetTransactionResponseInput>;
  
  ListTransactions: grpc.handleUnaryCall<_assent_coordinator_v1_ListTransactionsRequest, _assent_coordinator_v1_ListTransactionsResponseInput>;
  
  ResolveTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_ResolveTransactionRequest, _assent_coordinator_v1_ResolveTransactionResponseInput>;
  
  RetryTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_RetryTransactionRequest, _assent_coordinator_v1_RetryTransactionResponseInput>;
  
  RunTransaction: grpc.handleUnaryCall<_assent_coordinator_v1_RunTransactionRequest, _assent_coordinator_v1_RunTransactionResponseInput>;
  
  RunTransactions: grpc.handleServerStreamingCall<_assent_coordinator_v1_RunTransactionsRequest, _assent_coordinator_v1_RunTransactionsResponseInput>;
  
  SkipBranch: grpc.handleUnaryCall<_assent_coordinator_v1_SkipBranchRequest, _assent_coordinator_v1_SkipBranchResponseInput>;
  
}

export interface CoordinatorServiceDefinition extends grpc.ServiceDefinition {
  AbortTransaction: MethodDefinition<_assent_coordinator_v1_AbortTransactionRequestInput, _assent_coordinator_v1_AbortTransactionResponseInput, _assent_coordinator_v1_AbortTransactionRequest, _assent_coordinator_v1_AbortTransactionResponse>
  GetDecisions: MethodDefinition<_assent_coordinator_v1_GetDecisionsRequestInput, _assent_coordinator_v1_GetDecisionsResponseInput, _assent_coordinator_v1_GetDecisionsRequest, _assent_coordinator_v1_GetDecisionsResponse>
  GetTransaction: MethodDefinition<_assent_coordinator_v1_GetTransactionRequestInput, _assent_coordinator_v1_GetTransactionResponseInput, _assent_coordinator_v1_GetTransactionRequest, _assent_coordinator_v1_GetTransactionResponse>
  ListTransactions: MethodDefinition<_assent_coordinator_v1_ListTransactionsRequestInput, _assent_coordinator_v1_ListTransactionsResponseInput, _assent_coordinator_v1_ListTransactionsRequest, _assent_coordinator_v1_ListTransactionsResponse>
  ResolveTransaction: MethodDefinition<_assent_coordinator_v1_ResolveTransactionRequestInput, _assent_coordinator_v1_ResolveTransactionResponseInput, _assent_coordinator_v1_ResolveTransactionRequest, _assent_coordinator_v1_ResolveTransactionResponse>
  RetryTransaction: MethodDefinition<_assent_coordinator_v1_RetryTransactionRequestInput, _assent_coordinator_v1_RetryTransactionResponseInput, _assent_coordinator_v1_RetryTransactionRequest, _assent_coordinator_v1_RetryTransactionResponse>
  RunTransaction: MethodDefinition<_assent_coordinator_v1_RunTransactionRequestInput, _assent_coordinator_v1_RunTransactionResponseInput, _assent_coordinator_v1_RunTransactionRequest, _assent_coordinator_v1_RunTransactionResponse>
  RunTransactions: MethodDefinition<_assent_coordinator_v1_RunTransactionsRequestInput, _assent_coordinator_v1_RunTransactionsResponseInput, _assent_coordinator_v1_RunTransactionsRequest, _assent_coordinator_v1_RunTransactionsResponse>
  SkipBranch: MethodDefinition<_assent_coordinator_v1_SkipBranchRequestInput, _assent_coordinator_v1_SkipBranchResponseInput, _assent_coordinator_v1_SkipBranchRequest, _assent_coordinator_v1_SkipBranchResponse>
}
