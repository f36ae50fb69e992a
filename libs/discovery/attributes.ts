import { experimental } from '@grpc/grpc-js';

// Keys by which a channel's options, a resolver and a balancer tell each other things. grpc-js hands a balancer its
// channel's options together with the attributes of what was resolved.

/** Attribute: the service whose endpoints these are; a string. */
export const SERVICE = 'assent.service';
/**
 * Attribute: where endpoints are; a `ReadonlyMap` from `experimental.endpointToString(endpoint)` to a zone. The prefix
 * keeps it from the connections' own options: those with different ones share no connection, and this one changes.
 */
export const ZONES = `${experimental.SUBCHANNEL_ARGS_EXCLUDE_KEY_PREFIX}.assent.zones`;

/** Option: the caller's own zone; a string. */
export const LOCAL_ZONE = 'assent.zone';
/** Option: by which subsetting is deterministic; a string, by default one by chance for each process. */
export const CLIENT_ID = 'assent.client';
/** Option: how many of the endpoints a channel knows; a number, 0 (the default) for all. */
export const SUBSET_SIZE = 'assent.subset';

/** Metadata: the address of an endpoint that is to be called only if there is no other. It goes no further than the pick. */
export const AVOID = 'assent-avoid';
