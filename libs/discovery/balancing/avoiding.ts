// A call that has failed at one endpoint is better tried again at another one, and so is one that takes long there.
import type { Metadata } from '@grpc/grpc-js';
import { AVOID } from '../attributes.ts';

/** Of two endpoints the same is chosen six times in a row once in 64 times. */
const TRIES = 6;

/** Chooses again, for the second time on without the call's key, while that gives the endpoint that the call is to avoid. */
export function avoiding<C>(
  metadata: Metadata,
  addressOf: (candidate: C) => string | undefined,
  choose: (isFirst: boolean) => C,
): C {
  const [avoided] = metadata.get(AVOID);
  let chosen = choose(true);
  if (avoided === undefined) return chosen;
  // What is picked by is what is sent.
  metadata.remove(AVOID);
  for (let tries = 1; tries < TRIES && addressOf(chosen) === avoided; tries++) chosen = choose(false);
  return chosen;
}
