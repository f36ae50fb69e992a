import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { carry, type Passage, type Stream } from './stream.ts';

/** What a connection goes through. */
export type Weather =
  | { readonly type: 'calm' }
  /** Every connection is reset, and every new one too. */
  | { readonly type: 'cut' }
  /** Connections are accepted, and then nothing comes through any more: a reset would be an answer. */
  | { readonly type: 'swallow'; readonly direction: Direction }
  | { readonly type: 'delay'; readonly direction: Direction; readonly delay_ms: number };

/** Seen from who connects: what it sends, what it is sent, or both. */
export type Direction = 'there' | 'back' | 'both';

/** Stands in front of a port of 127.0.0.1. */
export interface TcpProxy {
  readonly port: number;
  /** From now on, for the connections that there are and for those to come. */
  set(weather: Weather): void;
  /** Resets what is connected. */
  close(): void;
}

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly there: Stream;
  readonly back: Stream;
  isDialled: boolean;
}

export async function openProxy(target: number): Promise<TcpProxy> {
  const links = new Set<Link>();
  let weather: Weather = { type: 'calm' };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    client.on('error', () => {});
    if (weather.type === 'cut') return void client.resetAndDestroy();
    const link = open(client);
    links.add(link);
    apply(link, weather, target);
    client.once('close', () => links.delete(link));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      weather = next;
      for (const link of links) apply(link, next, target);
    },
    close() {
      server.close();
      for (const link of links) reset(link);
    },
  };
}

function open(client: Socket): Link {
  const upstream = new Socket({ allowHalfOpen: true }).setNoDelay();
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    // An end has its way through the stream; what ends otherwise was reset.
    one.on('error', () => other.resetAndDestroy());
    one.on('close', () => other.writableEnded || other.resetAndDestroy());
  }
  return { client, upstream, there: carry(client, upstream), back: carry(upstream, client), isDialled: false };
}

function reset({ client, upstream }: Link): void {
  client.resetAndDestroy();
  upstream.resetAndDestroy();
}

function apply(link: Link, weather: Weather, target: number): void {
  if (weather.type === 'cut') {
    reset(link);
    return;
  }
  // Whichever direction is closed, no connection comes about: that takes a word from both sides.
  const isStranded = weather.type === 'swallow' && !link.isDialled;
  if (!isStranded && !link.isDialled) link.upstream.connect({ port: target, host: '127.0.0.1' });
  link.isDialled ||= !isStranded;
  for (const direction of ['there', 'back'] as const) {
    link[direction].set(isStranded ? { type: 'held' } : passageOf(weather, direction));
  }
}

function passageOf(weather: Exclude<Weather, { type: 'cut' }>, direction: 'there' | 'back'): Passage {
  if (weather.type === 'calm' || (weather.direction !== 'both' && weather.direction !== direction)) {
    return { type: 'open' };
  }
  return weather.type === 'swallow' ? { type: 'held' } : { type: 'delayed', delay_ms: weather.delay_ms };
}
