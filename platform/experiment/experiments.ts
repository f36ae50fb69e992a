import { dyingReplica } from './dying-replica.ts';
import type { Experiment } from './experiment.ts';
import { grayFailure } from './gray-failure.ts';
import { hedging } from './hedging.ts';
import { overload } from './overload.ts';
import { retryStorm } from './retry-storm.ts';
import { rollingRestart } from './rolling-restart.ts';
import { rpcCost } from './rpc-cost.ts';
import { scaleOut } from './scale-out.ts';
import { slowReplica } from './slow-replica.ts';
import { staleEndpoints } from './stale-endpoints.ts';

/** All that there are, in the order in which they are best read. */
export const experiments: readonly Experiment[] = [
  slowReplica,
  dyingReplica,
  scaleOut,
  staleEndpoints,
  grayFailure,
  rpcCost,
  hedging,
  overload,
  retryStorm,
  rollingRestart,
];
