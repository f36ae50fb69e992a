// The services around the orders, in miniature: a catalogue, accounts, and a coordinator that does the orders' branches
// only and decides what a test wants.
import { randomUUID } from 'node:crypto';
import type { MoneyMessage } from '@assent/money';
import type { Database } from '@assent/postgres';
import type { RunTransactionRequestInput } from '@assent/protos/coordinator/v1/RunTransactionRequest.ts';
import type { RunTransactionResponse } from '@assent/protos/coordinator/v1/RunTransactionResponse.ts';
import { RpcError } from '@assent/rpc';
import type { HandledOperation } from '@assent/transactions/participant';
import { actions } from '../actions.ts';
import type { CatalogueOptions } from '../catalogue.ts';
import type { Rejection } from '../order.ts';
import type { OrdersOptions } from '../orders.ts';

export interface World extends Pick<CatalogueOptions, 'inventory' | 'payment'>, Pick<OrdersOptions, 'coordinator'> {
  readonly prices: Map<string, MoneyMessage>;
  readonly currencies: Map<string, string>;
  /** What has been asked for, call by call. */
  readonly lookUps: (readonly string[])[];
  /** Transactions that were run. */
  runs: number;
  /** What makes transactions abort. */
  refuse: Rejection | undefined;
  /** Whether transactions that abort have got to their first branch. */
  written: boolean;
  /** The state in which transactions are, and stay, when their callers are answered; ended ones without it. */
  stuck: 'RUNNING' | 'COMMITTING' | 'ABORTING' | undefined;
  /** Performs an operation of a branch of the orders. */
  perform(transactionId: string, operation: HandledOperation, branch: Branch): Promise<unknown>;
}

export function createWorld(database: Database): World {
  const eur = (amount: string): MoneyMessage => ({ amount, currency: 'EUR' });
  const transactions = new Map<string, { fingerprint: string; answer: Promise<RunTransactionResponse> }>();
  const world: World = {
    prices: new Map([
      ['tea', eur('250')],
      ['cup', eur('1999')],
      ['yacht', eur(String(2n ** 62n))],
      ['bagel', { amount: '300', currency: 'USD' }],
    ]),
    currencies: new Map([
      ['ann', 'EUR'],
      ['bob', 'EUR'],
      ['joe', 'USD'],
    ]),
    lookUps: [],
    runs: 0,
    refuse: undefined,
    written: true,
    stuck: undefined,
    perform,

    inventory: {
      async batchGetProducts({ skus = [] }) {
        world.lookUps.push(skus);
        const products = skus.flatMap((sku) => {
          const price = world.prices.get(sku);
          return price ? [{ sku, name: sku, price, available: '1', reserved: '0', sold: '0', shard: 0 }] : [];
        });
        return { products };
      },
    },

    payment: {
      async getAccount({ accountId = '' }) {
        world.lookUps.push([accountId]);
        const currency = world.currencies.get(accountId);
        if (currency === undefined) throw new RpcError('NOT_FOUND', 'no such account');
        const nothing = { amount: '0', currency };
        return { account: { accountId, balance: nothing, held: nothing } };
      },
    },

    coordinator: {
      async runTransaction({ idempotencyKey = '', fingerprint = '', branches = [] }) {
        const known = transactions.get(idempotencyKey);
        if (known && known.fingerprint !== fingerprint) throw new RpcError('ALREADY_EXISTS', 'another request');
        const answer = known?.answer ?? run(branches);
        transactions.set(idempotencyKey, { fingerprint, answer });
        return answer;
      },
    },
  };

  async function run(branches: Branches): Promise<RunTransactionResponse> {
    world.runs++;
    const transactionId = randomUUID();
    const own = branches.filter(({ participant }) => participant === 'order');
    const [first, ...later] = own as [Branch, ...Branch[]];
    if (world.written) await perform(transactionId, 'ACTION', first);
    if (world.stuck) return { transactionId, state: world.stuck, rejection: world.refuse ?? null };
    if (world.refuse) {
      if (world.written) await perform(transactionId, 'COMPENSATE', first);
      return { transactionId, state: 'ABORTED', rejection: world.refuse };
    }
    for (const branch of later) await perform(transactionId, 'DELIVER', branch);
    return { transactionId, state: 'COMMITTED', rejection: null };
  }

  function perform(transactionId: string, operation: HandledOperation, { action: name, payload = '' }: Branch) {
    const action = actions.find((one) => one.name === name)!;
    const cause = world.refuse && { cause: world.refuse };
    const call = { transactionId, branch: 0, inputs: {}, payload: action.parse(JSON.parse(payload)), ...cause };
    return database.transaction((sql) => action.handlers[operation]!(sql, [call]));
  }

  return world;
}

type Branches = NonNullable<RunTransactionRequestInput['branches']>;
export type Branch = Pick<Branches[number], 'action' | 'payload'>;
