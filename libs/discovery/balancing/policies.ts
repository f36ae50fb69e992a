// The policies by the names that service configs give them.
import type { experimental } from '@grpc/grpc-js';
import { consistentHash } from './consistent-hash.ts';
import { leastLoaded } from './least-loaded.ts';
import type { Policy } from './policy.ts';
import { roundRobin } from './round-robin.ts';
import { parseHashSettings, parseSettings, type Settings } from './settings.ts';

/** grpc-js has a `round_robin` of its own, without zones, slow start, ejection and health; it stays what it is. */
export const POLICIES = ['least_loaded', 'assent_round_robin', 'consistent_hash'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** A policy with its settings, as a service config chooses it. */
export class BalancingConfig implements experimental.TypedLoadBalancingConfig {
  readonly name: PolicyName;
  readonly policy: Policy;
  readonly settings: Settings;
  /** The metadata by which calls are hashed. */
  readonly header: string | undefined;

  /** Throws an error that names the field that is wrong. */
  constructor(name: PolicyName, json: unknown) {
    this.name = name;
    switch (name) {
      case 'least_loaded':
      case 'assent_round_robin':
        this.settings = parseSettings(json);
        this.policy = name === 'least_loaded' ? leastLoaded : roundRobin;
        return;
      case 'consistent_hash': {
        const settings = parseHashSettings(json);
        this.settings = settings;
        this.policy = consistentHash(settings.bound);
        this.header = settings.header;
        return;
      }
      default:
        throw new Error(`no such policy: ${name satisfies never}`);
    }
  }

  getLoadBalancerName(): string {
    return this.name;
  }

  toJsonObject(): object {
    return { [this.name]: this.settings };
  }
}
