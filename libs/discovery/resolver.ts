import { randomUUID } from 'node:crypto';
import { type ChannelOptions, experimental, logVerbosity, status } from '@grpc/grpc-js';
import { CLIENT_ID, SERVICE, SUBSET_SIZE, ZONES } from './attributes.ts';
import type { EndpointAddress, EndpointListener } from './endpoints.ts';
import { subset } from './subset.ts';
import type { Target } from './targets.ts';

type Listener = experimental.ResolverListener;
type Constructor = Parameters<typeof experimental.registerResolver>[1];

/** What the options of a channel say of subsetting. */
interface Share {
  readonly client: string;
  readonly size: number;
}

const PROCESS = randomUUID();

/** For grpc-js: a resolver for targets that are understood by `parse`. */
export function resolverOf(parse: (uri: experimental.GrpcUri) => Target): Constructor {
  return class implements experimental.Resolver {
    readonly #start: () => ReturnType<Target['source']>;
    #running: ReturnType<Target['source']> | undefined;

    constructor(uri: experimental.GrpcUri, listener: Listener, options: ChannelOptions) {
      const { service, source } = parse(uri);
      const share = shareOf(options);
      this.#start = () => source(listen(listener, service, share));
    }

    static getDefaultAuthority(uri: experimental.GrpcUri): string {
      return parse(uri).authority;
    }

    /** The first time it starts to watch. grpc-js asks again whenever a connection drops. */
    updateResolution(): void {
      if (this.#running) this.#running.refresh();
      else this.#running = this.#start();
    }

    destroy(): void {
      this.#running?.stop();
      this.#running = undefined;
    }
  };
}

function shareOf(options: ChannelOptions): Share {
  const size = Reflect.get(options, SUBSET_SIZE) ?? 0;
  if (!Number.isInteger(size) || size < 0) throw new Error(`${SUBSET_SIZE} is ${size}, not a number of endpoints`);
  return { client: String(Reflect.get(options, CLIENT_ID) ?? PROCESS), size };
}

function listen(listener: Listener, service: string, { client, size }: Share): EndpointListener {
  let resolved = false;
  let logged: string | undefined;
  const log = (message: string | undefined) => {
    if (message && message !== logged) experimental.log(logVerbosity.ERROR, `discovery: ${message}`);
    logged = message;
  };
  return {
    update(endpoints, warning) {
      resolved = true;
      log(warning);
      const used = subset(endpoints, client, size).map((address) => ({ address, endpoint: endpointAt(address) }));
      const zones = used.flatMap(({ address: { zone }, endpoint }) =>
        zone ? [[experimental.endpointToString(endpoint), zone] as const] : [],
      );
      const found = experimental.statusOrFromValue(used.map(({ endpoint }) => endpoint));
      listener(found, { [SERVICE]: service, [ZONES]: new Map(zones) }, null, '');
    },
    failed({ message }) {
      log(message);
      const error = experimental.statusOrFromError<never>({ code: status.UNAVAILABLE, details: message });
      if (!resolved) listener(error, {}, null, '');
    },
  };
}

// Without its zone: subchannels compare what they are given.
function endpointAt({ host, port }: EndpointAddress): experimental.Endpoint {
  return { addresses: [{ host, port }] };
}
