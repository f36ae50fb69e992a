import type { Experiment } from './experiment.ts';
import { slowReplica } from './slow-replica.ts';

/** All that there are, in the order in which they are best read. */
export const experiments: readonly Experiment[] = [slowReplica];
