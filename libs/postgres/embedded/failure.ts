/** What went wrong on a directory and port, in one line for people. */
export function failure(output: string, directory: string, port?: number): Error {
  const explained = explain(output, directory, port);
  return new Error(`PostgreSQL can't start: ${explained ?? lastComplaint(output)}`);
}

/** The same for an error of the file system. */
export function fileFailure(cause: unknown, directory: string): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  const explained = code === 'EACCES' || code === 'EPERM' ? `no permission to write ${directory}` : undefined;
  return new Error(`PostgreSQL can't start: ${explained ?? explain(`${code}`, directory) ?? message}`, { cause });
}

function explain(output: string, directory: string, port?: number): string | undefined {
  if (/No space left on device|Check free disk space|ENOSPC/.test(output))
    return `no space is left on the disk of ${directory}`;
  if (/Address already in use/.test(output)) return `port ${port} of 127.0.0.1 is in use`;
  if (/could not (access|change|create|open|read).*Permission denied/.test(output)) {
    const account = process.getuid?.() === 0 ? ' to other accounts than root, as which PostgreSQL refuses to run' : '';
    return `${directory} or a directory above it is closed${account}`;
  }
  return undefined;
}

function lastComplaint(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((text) => /FATAL|PANIC|error:/.test(text)) ?? lines.at(-1) ?? 'it ended without a word';
  return line.replace(/^.*?(FATAL|PANIC|error): */, '');
}
