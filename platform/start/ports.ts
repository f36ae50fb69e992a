import { tryPort } from '@assent/ports';

/** Fails, in words for people, when the port of 127.0.0.1 can't be listened on. */
export async function demandPort(port: number): Promise<void> {
  try {
    await tryPort(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE') throw new Error(`port ${port} is in use; choose another one with --port`);
    if (code === 'EACCES') throw new Error(`port ${port} is not permitted; choose another one with --port`);
    throw error;
  }
}
