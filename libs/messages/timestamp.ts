/** A google.protobuf.Timestamp. */
export function timestamp(date: Date): { seconds: string; nanos: number } {
  const time_ms = date.getTime();
  const seconds = Math.floor(time_ms / 1000);
  return { seconds: String(seconds), nanos: (time_ms - seconds * 1000) * 1_000_000 };
}
