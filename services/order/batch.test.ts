import { expect, test } from '@jest/globals';
import { batched } from './batch.ts';

/** A load whose answers wait to be given. */
function held() {
  const loads: { keys: readonly string[]; answer: PromiseWithResolvers<ReadonlyMap<string, string>> }[] = [];
  const load = (keys: readonly string[]) => {
    const answer = Promise.withResolvers<ReadonlyMap<string, string>>();
    loads.push({ keys, answer });
    return answer.promise;
  };
  return { loads, load };
}

const turn = () => new Promise(setImmediate);
const upper = (keys: readonly string[]) => new Map(keys.map((key) => [key, key.toUpperCase()]));

test('what is asked for during a load makes up the next one', async () => {
  const { loads, load } = held();
  const get = batched(load, { batch: 2, waiting: 10 });
  const first = [get('a')];
  await turn();
  const rest = [get('a'), get('b'), get('b'), get('c')];
  await turn();
  expect(loads.map(({ keys }) => keys)).toEqual([['a']]);
  loads[0]?.answer.resolve(new Map([['a', 'old']]));
  expect(await first[0]).toBe('old');
  await turn();
  // Asked for again after the first load had begun: that one may be out of date.
  expect(loads[1]?.keys).toEqual(['a', 'b']);
  loads[1]?.answer.resolve(upper(['a']));
  await turn();
  loads[2]?.answer.resolve(upper(['c']));
  expect(await Promise.all(rest)).toEqual(['A', undefined, undefined, 'C']);
});

test('keys that are asked for in one go share a load', async () => {
  const loads: (readonly string[])[] = [];
  const get = batched(
    async (keys) => {
      loads.push(keys);
      return upper(keys);
    },
    { batch: 10, waiting: 10 },
  );
  expect(await Promise.all(['a', 'b', 'a'].map(get))).toEqual(['A', 'B', 'A']);
  expect(loads).toEqual([['a', 'b']]);
});

test('a load that fails fails its own keys only', async () => {
  let fails = true;
  const get = batched(
    async (keys) => {
      if (fails) throw new Error('no');
      return upper(keys);
    },
    { batch: 10, waiting: 10 },
  );
  await expect(get('a')).rejects.toThrow('no');
  fails = false;
  expect(await get('a')).toBe('A');
});

test('the queue has an end', async () => {
  const { loads, load } = held();
  const get = batched(load, { batch: 1, waiting: 1 });
  const asked = [get('a')];
  await turn();
  asked.push(get('b'));
  await expect(get('c')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  for (const i of [0, 1]) {
    loads[i]?.answer.resolve(upper(['a', 'b']));
    await turn();
  }
  expect(await Promise.all(asked)).toEqual(['A', 'B']);
});
