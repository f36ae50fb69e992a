import type { ChildProcess } from 'node:child_process';
import { watchHealth } from './health.ts';

/** What a replica is doing. While it has a process it has a port. */
export type ReplicaState =
  | { readonly type: 'down' }
  | {
      readonly type: 'starting' | 'serving' | 'not_serving' | 'terminating';
      readonly pid: number;
      readonly port: number;
    };

/** One process, from its start to its end. */
export interface Life {
  /** Fulfilled with the cause when it has ended. */
  readonly end: Promise<string>;
  /** SIGTERM, and SIGKILL when it takes longer. */
  stop(timeout_ms: number): Promise<void>;
  kill(): void;
}

/** Watches a process that is going to serve gRPC on the port. Once it says that it does, its health decides. */
export function watchLife(child: ChildProcess, port: number, onState: (state: ReplicaState) => void): Life {
  const pid = child.pid ?? 0;
  onState({ type: 'starting', pid, port });
  let stopWatching = () => {};
  child.once('message', () => {
    stopWatching = watchHealth(port, (serving) => onState({ type: serving ? 'serving' : 'not_serving', pid, port }));
  });
  const end = ended(child).then((cause) => {
    stopWatching();
    onState({ type: 'down' });
    return cause;
  });
  const stop = async (timeout_ms: number) => {
    child.removeAllListeners('message');
    stopWatching();
    onState({ type: 'terminating', pid, port });
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), timeout_ms);
    await end;
    clearTimeout(killer);
  };
  return { end, stop, kill: () => child.kill('SIGKILL') };
}

/** A process ends by its exit, or by never having been started. */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exited with code ${code}`));
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
  });
}
