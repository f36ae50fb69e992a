import { Metadata } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { avoiding } from './avoiding.ts';

const asking = (address?: string) => {
  const metadata = new Metadata();
  if (address !== undefined) metadata.set('assent-avoid', address);
  return metadata;
};
/** Chooses one after the other. */
const inTurn = (...candidates: string[]) => {
  let turn = 0;
  return () => candidates[turn++ % candidates.length]!;
};
const address = (candidate: string) => candidate;

test('a call that wants nothing of it gets the first choice', () => {
  expect(avoiding(asking(), address, inTurn('a', 'b'))).toBe('a');
});

test('a call that is to avoid an endpoint gets another one, and the server hears nothing of it', () => {
  const metadata = asking('a');
  expect(avoiding(metadata, address, inTurn('a', 'a', 'b'))).toBe('b');
  expect(metadata.getMap()).toEqual({});
});

test('a call finds one that is chosen seldom', () => {
  const seldom = [...Array<string>(20).fill('a'), 'b'];
  expect(avoiding(asking('a'), address, inTurn(...seldom))).toBe('b');
});

test('when there is no other it gets that', () => {
  expect(avoiding(asking('a'), address, inTurn('a'))).toBe('a');
});
