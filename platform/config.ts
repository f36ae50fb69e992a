// The one place of the command that reads the environment.
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The workspace. */
export const repository: string = resolve(import.meta.dirname, '..');

/** What may be lost at any time, such as compiled code. */
export const cacheDirectory: string = join(repository, 'node_modules/.cache/assent');

/** This user's number; in a container it need not have a name. */
export const userId: number = process.getuid?.() ?? 0;

/** Where runs of this user are registered; nobody else may write there. */
export const runsDirectory: string = join(tmpdir(), `assent-${userId}`);

/**
 * What every child process inherits. Without NODE_PATH, which package managers set: what a package imports has to be
 * among its own dependencies.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const { NODE_PATH: _, ...environment } = process.env;
  return { ...environment, NODE_COMPILE_CACHE: join(cacheDirectory, 'compiled') };
}

/** Who may repair transactions: those whom the environment names, and one with a token of its own. Only its hash is shown. */
export function operatorTokens(name: string, token: string): string {
  const own = `${name}:${createHash('sha256').update(token).digest('hex')}`;
  return [process.env.OPERATOR_TOKENS, own].filter(Boolean).join(',');
}

/** Gives this process, before its program reads them, variables that it could not be started with. */
export function addToEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}

/** Whether a package manager's script runs this process. */
export const launchedByScript: boolean = process.env.npm_lifecycle_event !== undefined;
