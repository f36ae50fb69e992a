// What a history and the databases must agree on. Each law is what one thread that did everything would have kept.
import type { Law } from './violation.ts';

export const laws = {
  answered: {
    name: 'what was answered is there',
    explanation: 'orders, deposits and restocks that somebody was told of are in the databases',
  },
  asked: {
    name: 'nothing happens that nobody asked for',
    explanation: 'orders, cancellations, money and stock all come from operations of the history',
  },
  same: {
    name: 'an order is what was asked for',
    explanation: 'its account, mode, lines and total are those of its request',
  },
  key: { name: 'a key places one order', explanation: 'whoever sends the same request again gets the same order' },
  unchanged: {
    name: 'an answer never changes',
    explanation: 'all that was ever seen of an order, and what it is in the end, is one legal life of an order',
  },
  reason: {
    name: 'a rejection had its reason',
    explanation: 'while the order was under way there may have been too little stock or money for it',
  },
  paid: {
    name: 'an order pays what it costs',
    explanation: 'a confirmed order is charged once and not refunded, any other is refunded what it was charged',
  },
  supplied: {
    name: 'an order gets its stock, or gives it back',
    explanation: 'a confirmed order has all of its lines, any other has none of them',
  },
  funds: { name: 'nobody pays what they do not have', explanation: 'no entry of a ledger takes its balance below 0' },
  stock: {
    name: 'nothing is sold that is not there',
    explanation: 'in no possible order of events is less than 0 available',
  },
  time: {
    name: 'a ledger keeps the order of time',
    explanation: 'what was answered before something else was asked for comes before it',
  },
  read: { name: 'what was read was true', explanation: 'at some moment between question and answer it was so' },
} as const satisfies Record<string, Law>;
