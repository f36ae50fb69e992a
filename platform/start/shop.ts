// What a new platform holds: a small catalogue, and accounts with some money.
import type { Api, Money } from '../api.ts';

const euros = (amount: number): Money => ({ amount: String(amount * 100), currency: 'EUR' });

const products = [
  { sku: 'espresso-beans', name: 'Espresso beans, 1 kg', price: euros(22) },
  { sku: 'filter-beans', name: 'Filter coffee beans, 1 kg', price: euros(19) },
  { sku: 'green-tea', name: 'Green tea, 100 g', price: euros(8) },
  { sku: 'black-tea', name: 'Black tea, 100 g', price: euros(7) },
  { sku: 'cocoa', name: 'Cocoa powder, 500 g', price: euros(11) },
  { sku: 'hand-grinder', name: 'Hand grinder', price: euros(79) },
  { sku: 'moka-pot', name: 'Moka pot, 6 cups', price: euros(34) },
  { sku: 'french-press', name: 'French press, 1 l', price: euros(29) },
  { sku: 'tea-pot', name: 'Tea pot, 0.8 l', price: euros(25) },
  { sku: 'mug', name: 'Mug', price: euros(9) },
];
const accounts = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'];

const stock = 100_000;
const deposit = euros(100_000);

/** Fills the shop; doing it again changes nothing. */
export async function seed(api: Api): Promise<void> {
  const stocked = products.map(async (product) => {
    await api.createProduct(product);
    await api.restockProduct(product.sku, stock, `seed-${product.sku}`);
  });
  const funded = accounts.map(async (account) => {
    await api.createAccount(account, deposit.currency);
    await api.depositMoney(account, deposit, `seed-${account}`);
  });
  await Promise.all([...stocked, ...funded]);
}
