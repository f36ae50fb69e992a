import type { Emit, Event } from './events.ts';
import { aborted, awaitInterruption } from './interrupt.ts';
import { type Platform, startPlatform } from './platform.ts';
import { describe } from './screen.ts';

export interface StartOptions {
  /** Of REST; gRPC is one above. */
  readonly port: number;
  readonly replicas: number;
  /** Databases over which the log of transactions is spread. */
  readonly coordinatorShards: number;
  /** Databases over which stock is spread. */
  readonly inventoryShards: number;
  /** Where data is kept; a temporary directory without it. */
  readonly data?: string;
  /** To stop after the sample orders. */
  readonly once: boolean;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Runs the platform until it is interrupted, and says how it goes. Returns the exit code. */
export async function start(options: StartOptions): Promise<number> {
  const emit = printer(options);
  let platform: Platform | undefined;
  const over = awaitInterruption(() => platform?.kill());
  const shards = { coordinator: options.coordinatorShards, inventory: options.inventoryShards };
  platform = await startPlatform({ ...options, shards, logLevel: options.verbose ? 'debug' : 'warn', emit });
  let good = false;
  try {
    const opened = platform.open();
    opened.catch(() => {});
    good = (await Promise.race([opened, aborted(over)])) === true;
    if (good && platform.run.record.temporary) platform.makeSpare();
    if (!options.once) await aborted(over);
  } catch (error) {
    await platform.stop();
    throw error;
  }
  const begun_ms = performance.now();
  emit({ type: 'stopping', cause: over.aborted ? String(over.reason) : 'all is done' });
  await platform.stop();
  emit({ type: 'stopped', seconds: (performance.now() - begun_ms) / 1000 });
  return options.once && !good ? 1 : 0;
}

/** With --json each event is one document on stdout, with the time since this process began. */
function printer({ json, verbose }: StartOptions): Emit {
  // The terminal may be closed, or a pipe's reader gone, before everything is stopped.
  process.stdout.on('error', () => {});
  const text = (event: Event) =>
    json ? JSON.stringify({ ...event, at_ms: Math.round(performance.now()) }) : describe(event, verbose);
  return (event) => {
    const line = text(event);
    if (line !== undefined) process.stdout.write(`${line}\n`);
  };
}
