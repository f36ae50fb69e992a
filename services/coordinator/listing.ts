// Lists of transactions, as they are asked for.
import { pageOf, read } from '@assent/messages';
import type { ListTransactionsRequest } from '@assent/protos/coordinator/v1/ListTransactionsRequest.ts';
import type { ListTransactionsResponseInput } from '@assent/protos/coordinator/v1/ListTransactionsResponse.ts';
import type { Kind } from '@assent/transactions/protocol';
import { firstIdAt } from './shard.ts';
import type { Shards } from './shards.ts';
import { states, toTransaction } from './transaction.ts';

const kinds: readonly Kind[] = ['COMPENSATABLE', 'RESERVED', 'PREPARED', 'RETRIABLE'];
const maxAge_s = 10 * 365 * 86_400;

export async function listTransactions(
  request: ListTransactionsRequest,
  shards: Pick<Shards, 'list'>,
  signal?: AbortSignal,
): Promise<ListTransactionsResponseInput> {
  const { state, kind, participant, minAge } = request;
  const { page, ...filters } = read((reader) => {
    const age_s = minAge ? Number(minAge.seconds) + minAge.nanos / 1e9 : undefined;
    if (age_s !== undefined && !(age_s >= 0 && age_s <= maxAge_s)) reader.wrong('minAge', 'must be 0 s to 10 years');
    return {
      ...(state !== 'STATE_UNSPECIFIED' && { state: reader.oneOf('state', state, [...states, 'PARKED' as const]) }),
      ...(kind !== 'KIND_UNSPECIFIED' && { kind: reader.oneOf('kind', kind, kinds) }),
      ...(participant !== '' && { participant: reader.id('participant', participant) }),
      age_s,
      page: reader.page(request, `transactions ${state} ${age_s ?? ''} ${kind} ${participant}`, 'uuid'),
    };
  });
  const { age_s, ...rest } = filters;
  // An id says when it was made.
  const youngest = age_s === undefined ? undefined : firstIdAt(Date.now() - age_s * 1000);
  const [before] = [page.after, youngest].filter((id) => id !== undefined).sort();
  const found = await shards.list({
    ...rest,
    ...(before !== undefined && { before }),
    limit: page.size + 1,
    ...(signal && { signal }),
  });
  const { items, nextPageToken } = pageOf(page, found, ({ transactionId }) => transactionId);
  return { transactions: items.map(toTransaction), nextPageToken };
}
