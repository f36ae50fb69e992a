// A call that has failed at one endpoint is better tried again at another one, and so is one that takes long there.
import type { Metadata } from '@grpc/grpc-js';
import { AVOID } from '../attributes.ts';

/** Even of two endpoints the other one is then missed once in a billion times. */
const TRIES = 32;

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
