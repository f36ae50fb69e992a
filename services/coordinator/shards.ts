// The shards of the log, each a coordinator of its own, and how transactions find theirs. PROTOCOL.md has the reasons.
import { armed, reach } from '@assent/failpoints';
import { RpcError } from '@assent/rpc';
import { createCollector } from '@assent/transactions/batching';
import { type Answer, keyReused, type Milestone, movedError } from './answer.ts';
import { type Followers, recordedAnswer } from './follow.ts';
import type { Incarnation } from './incarnation.ts';
import { newTransactionId, shardOfId, shardOfKey } from './shard.ts';
import type { Begin, ListOptions, LoggedTransaction, Standing, Store } from './store/index.ts';

export interface Shard {
  readonly store: Store;
  readonly followers: Followers;
  /** The incarnation that is running now. */
  readonly incarnation: () => Incarnation | undefined;
}

export interface Shards {
  readonly all: readonly Shard[];
  /**
   * Fulfilled when the transaction has begun, or is found to have been begun before: the same key with the same content is the
   * same transaction [K1].
   */
  run(
    request: Omit<Begin, 'transactionId'>,
    milestone: Milestone,
    signal: AbortSignal,
  ): Promise<{ answer: Promise<Answer> }>;
  /** The shard of a transaction; undefined when there is no such shard. */
  byId(transactionId: string): Shard | undefined;
  /** Of all shards, newest first. */
  list(options: ListOptions): Promise<LoggedTransaction[]>;
  /** What the log says to those in doubt; one for each, in their order. */
  standings(asked: readonly { transactionId: string; epoch: bigint | null }[]): Promise<Standing[]>;
}

/** Throws when a database is another shard than its place in the list says. */
export async function checkPlaces(stores: readonly Store[]): Promise<void> {
  const numbers = await Promise.all(stores.map((store, place) => store.becomeShard(place)));
  for (const [place, number] of numbers.entries()) {
    if (number !== place) {
      throw new Error(`COORDINATOR_DATABASE_URLS: the database in place ${place} is that of shard ${number}`);
    }
  }
}

export function createShards(all: readonly Shard[]): Shards {
  const claimKey = all.map(({ store }) => createClaims(store));
  /** Keys that are claimed in another shard, while their transactions are begun. */
  const beginning = new Map<string, Promise<void>>();

  async function run(request: Omit<Begin, 'transactionId'>, milestone: Milestone, signal: AbortSignal) {
    const { home, former } = shardOfKey(request.idempotencyKey, all.length);
    const shard = all[home] as Shard;
    if (former === undefined)
      return begin(shard, { ...request, transactionId: newTransactionId(home) }, milestone, signal);
    // Who comes second with the key here must find what the first has begun.
    const { idempotencyKey: key } = request;
    while (beginning.has(key)) await beginning.get(key);
    const begun = beginClaimed(former, shard, request, newTransactionId(home), milestone, signal);
    beginning.set(
      key,
      begun
        .then(
          () => {},
          () => {},
        )
        .finally(() => beginning.delete(key)),
    );
    return begun;
  }

  async function beginClaimed(
    former: number,
    shard: Shard,
    request: Omit<Begin, 'transactionId'>,
    ownId: string,
    milestone: Milestone,
    signal: AbortSignal,
  ) {
    const transactionId = await claimKey[former]!(request.idempotencyKey, ownId);
    const claimed = { ...request, transactionId, isKeyElsewhere: true };
    if (all[shardOfId(transactionId)] !== shard) return { answer: join(claimed, milestone, signal) };
    // Who claimed the key before may have got no further: then it is begun here, under their id.
    const [found] = transactionId === ownId ? [] : await shard.store.byIds([transactionId]);
    return found
      ? { answer: wait(shard, found, claimed, milestone, signal) }
      : begin(shard, claimed, milestone, signal);
  }

  async function begin(shard: Shard, begin: Begin, milestone: Milestone, signal: AbortSignal) {
    const { engine } = shard.incarnation() ?? {};
    if (!engine) throw movedError();
    const begun = await engine.begin(begin, milestone);
    const joined = async () => wait(shard, await shard.store.byKey(begin.idempotencyKey), begin, milestone, signal);
    return { answer: begun ? begun.answer.then((answer) => answer ?? joined()) : joined() };
  }

  /** A transaction of another shard than the key's. */
  async function join(begin: Begin, milestone: Milestone, signal: AbortSignal): Promise<Answer> {
    // A coordinator that knows more shards may have begun it: its like can say more.
    const shard = all[shardOfId(begin.transactionId)];
    if (!shard) throw movedError();
    const [found] = await shard.store.byIds([begin.transactionId]);
    return wait(shard, found, begin, milestone, signal);
  }

  async function list(options: ListOptions): Promise<LoggedTransaction[]> {
    const found = await Promise.all(all.map(({ store }) => store.list(options)));
    return found
      .flat()
      .sort((one, other) => (one.transactionId < other.transactionId ? 1 : -1))
      .slice(0, options.limit);
  }

  async function standings(asked: Parameters<Shards['standings']>[0]): Promise<Standing[]> {
    const byShard = Map.groupBy(asked.keys(), (place) =>
      shardOfId((asked[place] as (typeof asked)[number]).transactionId),
    );
    const answers: Standing[] = [];
    const settled = await Promise.allSettled(
      [...byShard].map(async ([shard, places]) => {
        const those = places.map((place) => asked[place] as (typeof asked)[number]);
        // Of a shard that isn't known here nothing can be said.
        const found = await all[shard]?.store.standings(
          those.map(({ transactionId }) => transactionId),
          those.map(({ epoch }) => epoch),
        );
        for (const [index, place] of places.entries())
          answers[place] = found?.[index] ?? { state: undefined, isAlive: true };
      }),
    );
    const down = settled.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    if (down.length === settled.length && down[0]) throw down[0].reason;
    // Of those whose shard doesn't answer nothing can be said, which is nothing to the others.
    return asked.map((_, place) => answers[place] ?? { state: undefined, isAlive: true });
  }

  return { all, run, byId: (transactionId) => all[shardOfId(transactionId)], list, standings };
}

async function wait(
  { incarnation, followers }: Shard,
  found: LoggedTransaction | undefined,
  begin: Begin,
  milestone: Milestone,
  signal: AbortSignal,
): Promise<Answer> {
  if (!found) throw movedError();
  if (found.fingerprint !== begin.fingerprint) throw keyReused();
  const { transactionId } = found;
  const answer = recordedAnswer(found, milestone) ?? (await incarnation()?.engine.join(transactionId, milestone));
  return answer ?? followers.follow(transactionId, milestone, signal);
}

interface Claim {
  readonly key: string;
  readonly transactionId: string;
  readonly resolve: (owner: string) => void;
  readonly reject: (error: unknown) => void;
}

/** Claims keys for transactions of another shard, in batches. The answer is the id of the transaction that has the key. */
function createClaims(store: Store): (key: string, transactionId: string) => Promise<string> {
  const add = createCollector<Claim>({
    batchSize: 256,
    batches: 4,
    async send(claims) {
      try {
        if (armed) await reach('log.key.before');
        const owners = await store.claimKeys(new Map(claims.map(({ key, transactionId }) => [key, transactionId])));
        if (armed) await reach('log.key.after');
        for (const { key, resolve } of claims) resolve(owners.get(key) as string);
      } catch (cause) {
        const error = new RpcError('UNAVAILABLE', 'the shard that has the key does not answer', { cause });
        for (const { reject } of claims) reject(error);
      }
    },
  });
  return (key, transactionId) => new Promise((resolve, reject) => add({ key, transactionId, resolve, reject }));
}
