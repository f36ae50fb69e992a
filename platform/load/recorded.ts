import type { Api } from '../api.ts';
import type { Operation } from '../history/line.ts';
import type { History } from '../history/write.ts';

/** Client 0 of a history: who sets up the shop and supplies it. Many of its requests are under way at a time. */
const supplier = 0;

/** Writes down what is done to products and accounts. */
export function recordApi(api: Api, history: History): Api {
  const record = async (operation: Operation, work: () => Promise<void>) => {
    const complete = history.invoke(supplier, operation);
    try {
      await work();
      complete({ type: 'ok', output: {} });
    } catch (error) {
      complete({ type: 'unknown', error: (error as Error).message });
      throw error;
    }
  };
  return {
    ...api,
    createProduct: (product) => {
      const { sku, price } = product;
      const operation = { op: 'createProduct', sku, price: Number(price.amount), currency: price.currency } as const;
      return record(operation, () => api.createProduct(product));
    },
    restockProduct: (sku, quantity, key) =>
      record({ op: 'restock', sku, quantity, key }, () => api.restockProduct(sku, quantity, key)),
    createAccount: (accountId, currency) =>
      record({ op: 'createAccount', accountId, currency }, () => api.createAccount(accountId, currency)),
    depositMoney: (accountId, amount, key) =>
      record({ op: 'deposit', accountId, amount: Number(amount.amount), key }, () =>
        api.depositMoney(accountId, amount, key),
      ),
  };
}
