// What accounts can pay: the rules of the ledger, without a database.
import type { Money } from '@assent/money';

export interface Account {
  readonly accountId: string;
  readonly currency: string;
  /** In minor units. */
  readonly balance: bigint;
  /** The part of the balance that is set aside already. */
  readonly held: bigint;
}

/** So much from an account. */
export interface Charge {
  readonly accountId: string;
  readonly amount: Money;
}

export type Refusal = 'UNKNOWN_ACCOUNT' | 'CURRENCY_MISMATCH' | 'INSUFFICIENT_FUNDS';

export type Verdict =
  | { readonly type: 'done' }
  | { readonly type: 'rejected'; readonly code: Refusal; readonly message: string };

/** Says which charges can be paid, one after the other: an earlier one takes what a later one then can't have. */
export function pay(accounts: readonly Account[], charges: readonly Charge[]): Verdict[] {
  const left = new Map(accounts.map((account) => [account.accountId, account]));
  return charges.map(({ accountId, amount }) => {
    const account = left.get(accountId);
    if (!account) return rejected('UNKNOWN_ACCOUNT', `there is no account ${accountId}`);
    if (account.currency !== amount.currency) {
      return rejected('CURRENCY_MISMATCH', `the account is in ${account.currency}, the charge in ${amount.currency}`);
    }
    const available = account.balance - account.held;
    if (amount.amount > available) {
      const message = `${amount.amount} wanted, ${available} available, in minor units of ${account.currency}`;
      return rejected('INSUFFICIENT_FUNDS', message);
    }
    left.set(accountId, { ...account, held: account.held + amount.amount });
    return { type: 'done' };
  });
}

function rejected(code: Refusal, message: string): Verdict {
  return { type: 'rejected', code, message };
}
