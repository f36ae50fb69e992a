// Transactions by the gateway's REST API.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findRun } from '../run/find.ts';
import type { Where as Platform } from '../run/where.ts';

/** A transaction in the API's JSON; what isn't set isn't there. */
export interface Transaction {
  readonly transactionId: string;
  readonly state?: State;
  readonly branches: readonly Branch[];
  readonly rejection?: Reason;
  readonly createTime: string;
  readonly decideTime?: string;
  readonly parkTime?: string;
  readonly endTime?: string;
  readonly deadline: string;
  readonly decision?: 'UNDECIDED' | 'COMMIT' | 'ABORT';
  /** Of each branch, in their order. */
  readonly progress: readonly Progress[];
  readonly owner: string;
  readonly ownerAddress: string;
  readonly traceparent: string;
  readonly acts: readonly Act[];
}

export const states = ['RUNNING', 'COMMITTING', 'COMMITTED', 'ABORTING', 'ABORTED', 'PARKED'] as const;
export type State = (typeof states)[number];
export const kinds = ['COMPENSATABLE', 'RESERVED', 'PREPARED', 'RETRIABLE'] as const;

export interface Branch {
  readonly name: string;
  readonly participant: string;
  readonly action: string;
  readonly kind?: string;
  readonly after: readonly string[];
}

export interface Progress {
  readonly stage?: 'WAITING' | 'SENT' | 'SETTLED' | 'REJECTED' | 'STUCK' | 'OMITTED';
  readonly operation: string;
  readonly attempts: number;
  readonly error?: Reason;
  readonly sendTime?: string;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
}

export interface Act {
  readonly act: string;
  readonly operator: string;
  readonly reason: string;
  readonly time: string;
  readonly force: boolean;
  readonly detail: string;
}

export interface Page {
  readonly transactions: readonly Transaction[];
  /** '' on the last page. */
  readonly nextPageToken: string;
}

/** Which platform, and with whose token; one on this machine gives its own. */
export interface Where extends Platform {
  readonly tokenFile?: string;
}

/** Fails with a line that says what went wrong, and what to do about it. */
export interface Transactions {
  get(transactionId: string): Promise<Transaction>;
  list(query: Readonly<Record<string, string>>): Promise<Page>;
  act(transactionId: string, act: string, body: object): Promise<Transaction>;
}

const timeout_ms = 20_000;
const attempts = 5;
const pause_ms = 200;
const transient = [429, 502, 503, 504];

export function openTransactions(where: Where): Transactions {
  const { url, token } = locate(where);
  const send = async (method: string, path: string, body?: object): Promise<unknown> => {
    const init = { method, headers: headersOf(token, body), ...(body && { body: JSON.stringify(body) }) };
    for (let attempt = 1; ; attempt++) {
      const answer = await sendOnce(`${url}${path}`, init);
      if (answer.status < 300) return answer.body;
      // Acts may be repeated too: what is done already stays as it is.
      if (!transient.includes(answer.status) || attempt === attempts) throw new Error(explain(answer, url));
      await sleep(pause_ms * attempt * (0.5 + Math.random()));
    }
  };
  const place = (transactionId: string) => `/v1/transactions/${encodeURIComponent(transactionId)}`;
  return {
    get: async (id) => (await send('GET', place(id))) as Transaction,
    list: async (query) => (await send('GET', `/v1/transactions?${new URLSearchParams(query)}`)) as Page,
    act: async (id, act, body) => (await send('POST', `${place(id)}:${act}`, body)) as Transaction,
  };
}

function locate({ port, url, tokenFile }: Where): { url: string; token: string | undefined } {
  const token = tokenFile === undefined ? undefined : readFileSync(tokenFile, 'utf8').trim();
  if (url !== undefined) return { url, token };
  const run = findRun(port);
  return { url: `http://127.0.0.1:${run.http_port}`, token: token ?? run.operatorToken };
}

function headersOf(token: string | undefined, body: object | undefined): Record<string, string> {
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json' }),
  };
}

interface Answer {
  readonly status: number;
  readonly detail: string;
  readonly body: unknown;
}

/** A connection that fails counts as an answer of 503. */
async function sendOnce(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout_ms) });
    const body = (await response.json()) as { detail?: string };
    return { status: response.status, detail: body.detail ?? response.statusText, body };
  } catch (error) {
    const { message, cause } = error as Error;
    return { status: 503, detail: cause instanceof Error ? cause.message : message, body: undefined };
  }
}

function explain({ status, detail }: Answer, url: string): string {
  switch (status) {
    case 401:
      return `this is for operators: name a file with your token by --token-file`;
    case 403:
      return `the token is of no use at ${url}: ${detail}`;
    case 404:
      return `${detail}; \`npx pnpm@10 tx list\` shows what there is`;
    case 409:
      return `refused: ${detail}`;
    default:
      return transient.includes(status) ? `${url} can't do it now (${detail}): try again` : detail;
  }
}
