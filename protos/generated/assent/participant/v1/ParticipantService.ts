// Original file: assent/participant/v1/participant.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ExecuteRequestInput as _assent_participant_v1_ExecuteRequestInput, ExecuteRequest as _assent_participant_v1_ExecuteRequest } from '../../../assent/participant/v1/ExecuteRequest.ts';
import type { ExecuteResponseInput as _assent_participant_v1_ExecuteResponseInput, ExecuteResponse as _assent_participant_v1_ExecuteResponse } from '../../../assent/participant/v1/ExecuteResponse.ts';

export interface ParticipantServiceClient extends grpc.Client {
  Execute(argument: _assent_participant_v1_ExecuteRequestInput, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_participant_v1_ExecuteResponse>;
  Execute(argument: _assent_participant_v1_ExecuteRequestInput, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_participant_v1_ExecuteResponse>;
  execute(argument: _assent_participant_v1_ExecuteRequestInput, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_participant_v1_ExecuteResponse>;
  execute(argument: _assent_participant_v1_ExecuteRequestInput, options?: grpc.CallOptions): grpc.ClientReadableStream<_assent_participant_v1_ExecuteResponse>;
  
}

export interface ParticipantServiceHandlers extends grpc.UntypedServiceImplementation {
  Execute: grpc.handleServerStreamingCall<_assent_participant_v1_ExecuteRequest, _assent_participant_v1_ExecuteResponseInput>;
  
}

export interface ParticipantServiceDefinition extends grpc.ServiceDefinition {
  Execute: MethodDefinition<_assent_participant_v1_ExecuteRequestInput, _assent_participant_v1_ExecuteResponseInput, _assent_participant_v1_ExecuteRequest, _assent_participant_v1_ExecuteResponse>
}
