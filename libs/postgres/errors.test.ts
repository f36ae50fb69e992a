import { expect, test } from '@jest/globals';
import { isTransient, sqlState } from './errors.ts';

const fromServer = (code: string, severity = 'ERROR') => Object.assign(new Error('message'), { code, severity });
const fromNode = (code: string) => Object.assign(new Error('message'), { code });

test('transient is what the same work may get over', () => {
  for (const state of ['08006', '40001', '40P01', '53300', '55P03', '57P01', '57P02', '57P03', '57014', '25006']) {
    expect([state, isTransient(fromServer(state))]).toEqual([state, true]);
  }
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']) {
    expect([code, isTransient(fromNode(code))]).toEqual([code, true]);
  }
  expect(isTransient(new Error('Connection terminated unexpectedly'))).toBe(true);
});

test('not transient is what would come again', () => {
  for (const state of ['23505', '22P02', '42601', '0A000', '28P01', '3D000']) {
    expect([state, isTransient(fromServer(state))]).toEqual([state, false]);
  }
  for (const error of [new Error('no'), new TypeError(), fromNode('ENOENT'), 'ECONNRESET', undefined, null]) {
    expect(isTransient(error)).toBe(false);
  }
});

test('an SQLSTATE is what PostgreSQL has sent, not a code of Node that looks like one', () => {
  expect(sqlState(fromServer('23505'))).toBe('23505');
  expect(sqlState(fromNode('EPIPE'))).toBeUndefined();
  expect(sqlState('23505')).toBeUndefined();
});
