// What operators do: an act takes a transaction over, changed, by whichever coordinator is asked, which then goes on with it.
import { type Reader, read } from '@assent/messages';
import type { CoordinatorServiceHandlers } from '@assent/protos/coordinator/v1/CoordinatorService.ts';
import { type Call, type Implementation, invalid, RpcError } from '@assent/rpc';
import type { Logger } from '@assent/telemetry';
import { type Intervention, judge } from './intervention.ts';
import * as metrics from './metrics.ts';
import type { Shard } from './shards.ts';
import { type Act, type LoggedTransaction, recordVersion } from './store/index.ts';
import { view } from './view.ts';

type ActMethods = Pick<
  Implementation<CoordinatorServiceHandlers>,
  'retryTransaction' | 'skipBranch' | 'abortTransaction' | 'resolveTransaction'
>;

export interface ActsOptions {
  /** The shard of a transaction; undefined when there is no such shard. */
  readonly shardOf: (transactionId: string) => Shard | undefined;
  readonly log: Logger;
}

const maxReason = 1000;
/** How often an act is judged anew because the transaction has gone on meanwhile. */
const maxTries = 10;

export function createActs({ shardOf, log }: ActsOptions): ActMethods {
  async function perform(transactionId: string, intervention: Intervention, who: Pick<Act, 'operator' | 'reason'>) {
    const shard = shardOf(transactionId);
    if (!shard) throw notFound(transactionId);
    let before: LoggedTransaction | undefined;
    for (let tries = 0; tries < maxTries; tries++) {
      const found = await findIn(shard, transactionId);
      // It is as it was, so it wasn't that which kept it from being written.
      if (before && isSame(before, found)) throw lostLease();
      before = found;
      const verdict = judgeFound(found, intervention);
      if (verdict.type === 'unchanged') return view(shard, found, { forOperator: true });
      const { epoch, engine } = shard.incarnation() ?? {};
      if (epoch === undefined || !engine) throw lostLease();
      const act = { act: intervention.act, ...who, ...detailsOf(intervention) };
      const changed = await shard.store.perform(epoch, found, verdict.change, act);
      if (!changed) continue;
      log.warn({ transactionId, ...act }, 'an operator has acted');
      count(found, changed, act);
      // Fenced meanwhile, its peers go on with it.
      if (shard.incarnation()?.engine === engine) engine.adopt([changed]);
      return view(shard, changed, { forOperator: true });
    }
    throw new RpcError('ABORTED', 'the transaction changes all the time: look at it, and try again', {
      reason: 'TRANSACTION_CHANGED',
    });
  }

  return {
    async retryTransaction(request, call) {
      const { transactionId, ...who } = readAct(request, call);
      return { transaction: await perform(transactionId, { act: 'RETRY' }, who) };
    },
    async skipBranch(request, call) {
      const { branch, force } = request;
      const { transactionId, ...who } = readAct(request, call, (reader) => reader.text('branch', branch, 64));
      return { transaction: await perform(transactionId, { act: 'SKIP', branch, force }, who) };
    },
    async abortTransaction(request, call) {
      const { transactionId, ...who } = readAct(request, call);
      return { transaction: await perform(transactionId, { act: 'ABORT' }, who) };
    },
    async resolveTransaction(request, call) {
      const { force } = request;
      const decision = request.decision === 'ABORT' ? 'ABORT' : 'COMMIT';
      const { transactionId, ...who } = readAct(request, call, (reader) => {
        reader.oneOf('decision', request.decision, ['COMMIT', 'ABORT']);
      });
      return { transaction: await perform(transactionId, { act: 'RESOLVE', decision, force }, who) };
    },
  };
}

function isSame(one: LoggedTransaction, other: LoggedTransaction): boolean {
  const { state, owner, omitted, parkedAt } = one;
  const isParkedSince = parkedAt?.getTime() === other.parkedAt?.getTime();
  return state === other.state && owner === other.owner && omitted.length === other.omitted.length && isParkedSince;
}

/** Other coordinators can do it. */
function lostLease(): RpcError {
  const options = { reason: 'LEASE_LOST', retryDelay_ms: 50 };
  return new RpcError('UNAVAILABLE', 'this coordinator has lost its lease, ask again', options);
}

function count({ state, branches }: LoggedTransaction, changed: LoggedTransaction, { act }: Act): void {
  metrics.acted.inc({ act });
  if (state !== 'RUNNING' || changed.state === 'RUNNING') return;
  const decision = changed.state === 'COMMITTED' ? 'COMMIT' : 'ABORT';
  metrics.decided.inc({ kinds: metrics.kindsOf(branches), decision });
}

/** The operator who calls, as the gateway says; undefined when anybody else does. */
export function operatorOf({ metadata }: Call): string | undefined {
  return metadata.get('assent-operator')[0]?.toString() || undefined;
}

/** Who acts and why. */
function readAct(
  request: { readonly transactionId: string; readonly reason: string },
  call: Call,
  more: (reader: Reader) => unknown = () => {},
) {
  const operator = operatorOf(call);
  if (!operator) throw new RpcError('UNAUTHENTICATED', 'the gateway says which operator it is: ask there');
  return read((reader) => {
    const transactionId = reader.uuid('transactionId', request.transactionId);
    more(reader);
    return { transactionId, operator, reason: reader.text('reason', request.reason, maxReason) };
  });
}

async function findIn({ store }: Shard, transactionId: string): Promise<LoggedTransaction> {
  const [found] = await store.byIds([transactionId]);
  if (found) return found;
  throw notFound(transactionId);
}

export function notFound(transactionId: string): RpcError {
  const message = `there is no transaction ${transactionId} in the log; one of prepared branches only comes there with its decision`;
  return new RpcError('NOT_FOUND', message);
}

function judgeFound(found: LoggedTransaction, intervention: Intervention) {
  if (found.version > recordVersion) {
    throw refused(`a newer coordinator has written it (version ${found.version}), only its like can act on it`);
  }
  const names = found.branches.map(({ name }) => name);
  if (intervention.act === 'SKIP' && !names.includes(intervention.branch)) {
    throw invalid([{ field: 'branch', description: `must be one of ${names.join(', ')}` }]);
  }
  const verdict = judge({ ...found, isParked: found.parkedAt !== undefined }, intervention);
  if (verdict.type === 'refused') throw refused(verdict.why);
  return verdict;
}

function refused(why: string): RpcError {
  return new RpcError('FAILED_PRECONDITION', why, { reason: 'ACT_REFUSED' });
}

function detailsOf(intervention: Intervention): Pick<Act, 'force' | 'detail'> {
  switch (intervention.act) {
    case 'RETRY':
    case 'ABORT':
      return { force: false, detail: '' };
    case 'SKIP':
      return { force: intervention.force, detail: intervention.branch };
    case 'RESOLVE':
      return { force: intervention.force, detail: intervention.decision };
  }
}
