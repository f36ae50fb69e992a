// What can happen to a platform on this machine.
import type { Weather } from './network/proxy.ts';
import type { Party } from './network/topology.ts';

export const localFaultTypes = [
  'kill',
  'pause',
  'partition',
  'db-restart',
  'db-slow',
  'disk-full',
  'pool-exhausted',
  'clock',
] as const;

export type LocalFaultType = (typeof localFaultTypes)[number];

export type LocalFault =
  /** SIGKILL. */
  | { readonly type: 'kill'; readonly replica: string }
  /** SIGSTOP, and SIGCONT afterwards. */
  | { readonly type: 'pause'; readonly replica: string; readonly for_ms: number }
  | {
      readonly type: 'partition';
      readonly from: Party;
      readonly to: Party;
      readonly weather: Weather;
      readonly for_ms: number;
    }
  /** PostgreSQL ends at once, as in a crash, and recovers. */
  | { readonly type: 'db-restart' }
  | { readonly type: 'db-slow'; readonly by: Slowness; readonly for_ms: number }
  /** `log`: there is no room for the log either, without which PostgreSQL doesn't run. */
  | { readonly type: 'disk-full'; readonly what: 'data' | 'log'; readonly for_ms: number }
  /** All connections are taken, and those that the service had are ended. */
  | { readonly type: 'pool-exhausted'; readonly database: string; readonly for_ms: number }
  /** `born`: the process is killed, and its successor starts with the wrong clock; else the clock jumps. */
  | {
      readonly type: 'clock';
      readonly replica: string;
      readonly skew_ms: number;
      readonly born: boolean;
      readonly for_ms: number;
    };

export type Slowness =
  /** Everything that this service sends to its database, and is sent, takes longer. */
  | { readonly type: 'network'; readonly service: string; readonly delay_ms: number }
  /** All tables of a database are locked again and again, for so long each time. */
  | { readonly type: 'locks'; readonly database: string; readonly hold_ms: number };

/** What is done to whom, for people. */
export function describeLocalFault(fault: LocalFault): string {
  switch (fault.type) {
    case 'kill':
      return `${fault.replica} is killed`;
    case 'pause':
      return `${fault.replica} is paused`;
    case 'partition':
      return `${fault.from} → ${fault.to}: ${describeWeather(fault.weather)}`;
    case 'db-restart':
      return 'PostgreSQL crashes';
    case 'db-slow':
      return fault.by.type === 'network'
        ? `${fault.by.service} → its database: ${fault.by.delay_ms} ms more each way`
        : `all tables of ${fault.by.database} are locked for ${fault.by.hold_ms} ms at a time`;
    case 'disk-full':
      return fault.what === 'log' ? "no room on PostgreSQL's disk, nor for its log" : "no room on PostgreSQL's disk";
    case 'pool-exhausted':
      return `no connection is left for ${fault.database}`;
    case 'clock':
      return `the clock of ${fault.replica} is ${Math.abs(fault.skew_ms) / 1000} s ${fault.skew_ms < 0 ? 'slow' : 'fast'}${fault.born ? ', from its start' : ''}`;
  }
}

function describeWeather(weather: Weather): string {
  switch (weather.type) {
    case 'calm':
      return 'all is well';
    case 'cut':
      return 'connections are reset';
    case 'swallow':
      return `nothing comes through${way[weather.direction]}`;
    case 'delay':
      return `${weather.delay_ms} ms more${way[weather.direction]}`;
  }
}

const way = { there: ' on the way there', back: ' on the way back', both: '' };
