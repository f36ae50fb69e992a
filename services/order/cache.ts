export interface Cache<V> {
  /** Undefined when there is no such thing; that is not remembered. */
  get(key: string): Promise<V | undefined>;
  drop(key: string): void;
}

export interface CacheOptions<V> {
  readonly load: (key: string) => Promise<V | undefined>;
  /** How old a value may get. */
  readonly ttl_ms: number;
  /** How many values are kept. The one that was loaded first goes first. */
  readonly size: number;
  readonly now?: () => number;
}

/** Remembers what was looked up a moment ago. Those who ask for the same at the same time share one look-up. */
export function createCache<V>({ load, ttl_ms, size, now = () => performance.now() }: CacheOptions<V>): Cache<V> {
  const entries = new Map<string, { readonly value: Promise<V | undefined>; readonly until_ms: number }>();

  async function fill(key: string): Promise<V | undefined> {
    let value: V | undefined;
    try {
      value = await load(key);
      return value;
    } finally {
      if (value === undefined) entries.delete(key);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry && entry.until_ms > now()) return entry.value;
      entries.delete(key);
      const [oldest] = entries.keys();
      if (entries.size >= size && oldest !== undefined) entries.delete(oldest);
      const value = fill(key);
      entries.set(key, { value, until_ms: now() + ttl_ms });
      return value;
    },
    drop: (key) => void entries.delete(key),
  };
}
