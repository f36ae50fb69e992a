// What a Lease says, and whose it is. Pure. The rules are those of client-go:
// https://github.com/kubernetes/client-go/blob/master/tools/leaderelection/leaderelection.go

/** What candidates write into a Lease. */
export interface LeaseRecord {
  /** Undefined when nobody holds it. */
  readonly holder: string | undefined;
  /** How long others leave it alone after they have seen it renewed. */
  readonly lease_ms: number;
  /** By the holder's clock, for people: nobody compares it with his own. */
  readonly acquired: Date | undefined;
  readonly renewed: Date | undefined;
  /** How often it has got another holder. */
  readonly transitions: number;
}

/** A record, and since when it has been seen as it is: `performance.now()`, which no one can set back. */
export interface Observation {
  readonly record: LeaseRecord;
  readonly since_ms: number;
}

/** A record that is unchanged has been so since it was first seen; whatever else of the Lease has changed. */
export function observe(before: Observation | undefined, record: LeaseRecord, now_ms: number): Observation {
  return before && JSON.stringify(before.record) === JSON.stringify(record) ? before : { record, since_ms: now_ms };
}

/** Whether a candidate may take it, or go on with it. */
export function isFree({ record, since_ms }: Observation, candidate: string, now_ms: number): boolean {
  const { holder, lease_ms } = record;
  return holder === undefined || holder === candidate || now_ms >= since_ms + lease_ms;
}

/** The record by which a candidate takes it, or renews it. */
export function held(record: LeaseRecord, candidate: string, lease_ms: number, now: Date): LeaseRecord {
  const isRenewed = record.holder === candidate;
  const { acquired = now, transitions } = record;
  return {
    holder: candidate,
    lease_ms,
    acquired: isRenewed ? acquired : now,
    renewed: now,
    transitions: isRenewed ? transitions : transitions + 1,
  };
}

/** The record by which its holder gives it up: others needn't wait. */
export function released(record: LeaseRecord, now: Date): LeaseRecord {
  return { ...record, holder: undefined, lease_ms: 1_000, acquired: now, renewed: now };
}
