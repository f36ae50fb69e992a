import { findRun } from './find.ts';

/** Which platform a command is about. */
export interface Where {
  /** Of REST of a platform on this machine; needed when several are running. */
  readonly port?: number;
  /** Of REST of another one, without a path. */
  readonly url?: string;
}

/** Where the gateway's REST is, without a slash at the end. */
export function restUrl({ port, url }: Where): string {
  return url ?? `http://127.0.0.1:${findRun(port).http_port}`;
}
