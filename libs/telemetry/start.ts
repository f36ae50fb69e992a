export interface Telemetry {
  /** Sends what is waiting, for 3 s at most. */
  shutdown(): Promise<void>;
}

export interface TelemetryOptions {
  readonly service: string;
  /** Where an OTLP receiver is, such as `http://localhost:4318`; it is sent protobuf over HTTP. */
  readonly endpoint?: string;
}

/** Starts to send traces. Without an endpoint it does nothing and loads no SDK. */
export async function startTelemetry({ service, endpoint }: TelemetryOptions): Promise<Telemetry> {
  if (!endpoint) return { shutdown: async () => {} };
  const { startSdk } = await import('./sdk.ts');
  return startSdk(service, endpoint);
}
