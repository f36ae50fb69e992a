// What a gRPC service config can say of a balancer, such as `{ "least_loaded": { "slowStart_ms": 0 } }`. All of it is
// optional; docs/balancing.md says what is good for what.
import * as z from 'zod';

const share = z.number().min(0).max(1);
const duration_ms = z.int().min(1).max(86_400_000);

/** `false` turns a part off; `true` and nothing at all are its defaults. */
function part<T extends z.ZodType>(schema: T) {
  const meant = (value: unknown) => (value === false ? null : value === true || value === undefined ? {} : value);
  return z.preprocess(meant, schema.nullable()).prefault({});
}

const Zone = z.strictObject({
  /** How much more than an even share of all calls the endpoints of the caller's zone get before others help. */
  overload: z.number().min(1).default(1.4),
});

const Ejection = z.strictObject({
  /** So many in a row. */
  consecutive_errors: z.int().min(1).default(5),
  /** So many of its calls, and more than twice as many as the others' calls. */
  failureShare: share.default(0.15),
  /** So much longer than the median of the others. */
  latencyFactor: z.number().gt(1).default(5),
  /** Fewer say nothing of a share or a mean. */
  min_calls: z.int().min(1).default(10),
  /** How often latencies are compared; what was counted before weighs half as much from then on. */
  interval_ms: duration_ms.default(10_000),
  /** For how long, times the number of the ejection. */
  base_ms: duration_ms.default(10_000),
  max_ms: duration_ms.default(300_000),
  /** Of those that are connected, how many may be out. */
  maxShare: share.default(0.5),
});

const Health = z.strictObject({
  /** The name by which the server is asked; '' is the server as a whole. */
  service: z
    .string()
    .regex(/^[\w.]{0,127}$/)
    .default(''),
  /** How often it is asked anew: one that has stopped answering would otherwise stay healthy. */
  renew_ms: duration_ms.default(5_000),
  /** How long it may take to answer. */
  timeout_ms: duration_ms.default(2_000),
});

const Common = z.strictObject({
  /** How long a new endpoint takes to get its full share; 0 for at once. */
  slowStart_ms: z.int().min(0).max(3_600_000).default(3_000),
  /** When fewer than these of the connected ones are fit, all are used again. */
  panicShare: share.default(0.25),
  /** Calls under way, by endpoint and channel. */
  maxInFlight: z.int().min(1).default(1_000),
  zone: part(Zone),
  ejection: part(Ejection),
  health: part(Health),
});

const Hashing = Common.extend({
  /** The call's metadata with the key. */
  header: z.string().min(1).toLowerCase().default('assent-hash-key'),
  /** How many times the mean number of calls under way an endpoint may have. */
  bound: z.number().gt(1).default(1.25),
});

export type Settings = z.infer<typeof Common>;
export type HashSettings = z.infer<typeof Hashing>;
export type EjectionSettings = z.infer<typeof Ejection>;
export type HealthSettings = z.infer<typeof Health>;

/** Throws an error that names the field. */
export const parseSettings = (json: unknown): Settings => parse(Common, json);
export const parseHashSettings = (json: unknown): HashSettings => parse(Hashing, json);

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll(/\s+/g, ' '));
  return parsed.data;
}
