export { createTransactionClient, type TransactionClient } from './client.ts';
