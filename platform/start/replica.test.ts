import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { eventually } from '@assent/testing';
import { afterEach, expect, test } from '@jest/globals';
import type { ReplicaState } from './life.ts';
import { type Death, type Replica, superviseReplica } from './replica.ts';

const standIn = join(import.meta.dirname, 'stand-in.ts');
const running: Replica[] = [];
afterEach(() => running.splice(0).forEach((replica) => void replica.kill()));

function serve(port: number): ChildProcess {
  return spawn(process.execPath, [standIn, String(port)], {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function supervised(spawnProcess: (port: number) => ChildProcess = serve) {
  const states: ReplicaState[] = [];
  const deaths: Death[] = [];
  const replica = superviseReplica({
    name: 'order-1',
    service: 'order',
    spawn: spawnProcess,
    onState: (state) => void states.push(state),
    onDeath: (death) => void deaths.push(death),
  });
  running.push(replica);
  const reached = (type: ReplicaState['type']) =>
    eventually(() => {
      expect(replica.state.type).toBe(type);
      return replica.state as Exclude<ReplicaState, { type: 'down' }>;
    });
  return { replica, states, deaths, reached };
}

test('it serves once its health says so, and is stopped politely', async () => {
  const { replica, states, deaths, reached } = supervised();
  await reached('serving');
  await replica.stop(5000);
  expect(states.map(({ type }) => type)).toEqual(['starting', 'serving', 'terminating', 'down']);
  expect(deaths).toEqual([]);
});

test('it is restarted politely', async () => {
  const { replica, states, reached } = supervised();
  const first = await reached('serving');
  await replica.restart(5000);
  const second = await eventually(async () => {
    const state = await reached('serving');
    expect(state.pid).not.toBe(first.pid);
    return state;
  });
  expect(second.port).not.toBe(first.port);
  const types = ['starting', 'serving', 'terminating', 'down', 'starting', 'serving'];
  expect(states.map(({ type }) => type)).toEqual(types);
});

test('one that is killed is down at once, and starts again on another port', async () => {
  const { states, deaths, reached } = supervised();
  const first = await reached('serving');
  process.kill(first.pid, 'SIGKILL');
  const second = await eventually(async () => {
    const state = await reached('serving');
    expect(state.pid).not.toBe(first.pid);
    return state;
  });
  expect(second.port).not.toBe(first.port);
  expect(deaths).toEqual([{ cause: 'killed by SIGKILL', deaths: 1, restartIn_ms: expect.any(Number) }]);
  expect(states.map(({ type }) => type)).toEqual(['starting', 'serving', 'down', 'starting', 'serving']);
});

test('it does not serve while its health says no', async () => {
  const { reached } = supervised();
  const { pid } = await reached('serving');
  process.kill(pid, 'SIGUSR2');
  await reached('not_serving');
  process.kill(pid, 'SIGUSR2');
  await reached('serving');
});

test('it does not serve while it is paused', async () => {
  const { reached } = supervised();
  const { pid } = await reached('serving');
  process.kill(pid, 'SIGSTOP');
  await reached('not_serving');
  process.kill(pid, 'SIGCONT');
  await reached('serving');
});

test('one that does not stop politely is killed', async () => {
  const { replica, states, reached } = supervised();
  const { pid } = await reached('serving');
  process.kill(pid, 'SIGSTOP');
  await replica.stop(100);
  expect(states.at(-1)).toEqual({ type: 'down' });
});

test('a program that cannot run is tried again, with a longer wait each time', async () => {
  const { replica, deaths } = supervised(() => spawn('/nowhere/node', ['x']));
  await eventually(() => expect(deaths.length).toBe(3));
  replica.kill();
  expect(deaths.map(({ cause }) => cause)).toEqual(Array(3).fill('spawn /nowhere/node ENOENT'));
  const waits = deaths.map(({ restartIn_ms }) => restartIn_ms);
  expect(waits[2]).toBeGreaterThanOrEqual(400);
});

test('a stop while it waits for its restart is final', async () => {
  const { replica, deaths, states } = supervised(() => spawn('/nowhere/node', ['x']));
  await eventually(() => expect(deaths.length).toBe(1));
  await replica.stop(1000);
  const count = states.length;
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(states.length).toBe(count);
});
