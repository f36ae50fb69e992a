import { fileURLToPath } from 'node:url';
import { experimental, logVerbosity, status } from '@grpc/grpc-js';
import { SERVICE } from './attributes.ts';
import type { EndpointAddress, EndpointSource } from './endpoints.ts';
import { fileSource } from './file-source.ts';

type Listener = experimental.ResolverListener;

/** Resolves `file:///run/endpoints.json#inventory`: the endpoints of `inventory` in that file, and every change of it. */
export class FileResolver implements experimental.Resolver {
  readonly #source: EndpointSource;
  readonly #listener: Listener;
  readonly #service: string;
  #running: ReturnType<EndpointSource> | undefined;

  constructor(target: experimental.GrpcUri, listener: Listener) {
    const { path, service } = parseTarget(target);
    this.#source = fileSource(path, service);
    this.#listener = listener;
    this.#service = service;
  }

  static getDefaultAuthority(target: experimental.GrpcUri): string {
    return parseTarget(target).service;
  }

  /** The first time it starts to watch. grpc-js asks again whenever a connection drops. */
  updateResolution(): void {
    if (this.#running) this.#running.refresh();
    else this.#running = this.#source(listen(this.#listener, this.#service));
  }

  destroy(): void {
    this.#running?.stop();
    this.#running = undefined;
  }
}

function parseTarget(target: experimental.GrpcUri): { path: string; service: string } {
  const url = new URL(experimental.uriToString(target));
  const service = decodeURIComponent(url.hash.slice(1));
  if (service === '') throw new Error(`${url.href} names no service: file:///path/to/endpoints.json#service`);
  url.hash = '';
  return { path: fileURLToPath(url), service };
}

function listen(listener: Listener, service: string) {
  let resolved = false;
  let logged = '';
  return {
    update(endpoints: readonly EndpointAddress[]) {
      resolved = true;
      logged = '';
      const found = endpoints.map((address) => ({ addresses: [address] }));
      listener(experimental.statusOrFromValue(found), { [SERVICE]: service }, null, '');
    },
    failed({ message }: Error) {
      if (message !== logged) experimental.log(logVerbosity.ERROR, `discovery: ${message}`);
      logged = message;
      const error = experimental.statusOrFromError<never>({ code: status.UNAVAILABLE, details: message });
      if (!resolved) listener(error, {}, null, '');
    },
  };
}
