import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { EndpointListener, EndpointSource } from '../endpoints.ts';
import { endpointsOf, parseSlices, type ServicePort } from './slices.ts';

const POLL_MS = 2_000;

/** The endpoints of a service in a file that holds an EndpointSliceList and is replaced by renaming. */
export function fileSource(path: string, service: ServicePort): EndpointSource {
  return (listener) => {
    const read = reader(path, service, listener);
    // The file's own watch would end with the first rename; that of its directory stays.
    let watcher = watchDirectory(path, read.now);
    // File events can be missed, and the directory may come into being later.
    const poll = setInterval(() => {
      watcher ??= watchDirectory(path, read.now);
      read.now();
    }, POLL_MS).unref();
    read.now();
    return {
      refresh: read.now,
      stop() {
        clearInterval(poll);
        watcher?.close();
        read.stop();
      },
    };
  };
}

function watchDirectory(path: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) changed();
    });
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}

// One read at a time, so that an older state never comes after a newer one; what changes meanwhile is read next.
function reader(path: string, service: ServicePort, listener: EndpointListener) {
  let reading = false;
  let again = false;
  let stopped = false;
  let pushed: string | undefined;

  async function read(): Promise<void> {
    try {
      const text = await readFile(path, 'utf8');
      if (stopped || text === pushed) return;
      const { endpoints, warning } = endpointsOf(parseSlices(text), service);
      listener.update(endpoints, warning);
      pushed = text;
    } catch (error) {
      // The next good text is news even when it is the old one.
      pushed = undefined;
      if (!stopped) listener.failed(new Error(`${path}: ${(error as Error).message}`, { cause: error }));
    }
  }

  return {
    async now(): Promise<void> {
      again = true;
      if (reading) return;
      reading = true;
      while (again && !stopped) {
        again = false;
        await read();
      }
      reading = false;
    },
    stop(): void {
      stopped = true;
    },
  };
}
