import { readFileSync } from 'node:fs';

export interface Environment {
  readonly values: Readonly<Record<string, string>>;
  /** What is wrong, a line each; none of them says what a value is. */
  readonly errors: readonly string[];
}

/**
 * The variables of those names; an empty one is as good as none. `NAME_FILE` names a file with the value of `NAME` instead: what
 * is secret then shows neither in the environment of the process nor in those of its children.
 */
export function readEnvironment(names: readonly string[], environment: NodeJS.ProcessEnv): Environment {
  const values: Record<string, string> = {};
  const errors: string[] = [];
  for (const name of names) {
    const { [name]: value, [`${name}_FILE`]: file } = environment;
    if (value) values[name] = value;
    if (!file) continue;
    if (value) errors.push(`${name}_FILE: set it or ${name}, not both`);
    else
      try {
        values[name] = readSecret(file);
      } catch (error) {
        errors.push(`${name}_FILE: ${(error as Error).message}`);
      }
  }
  return { values, errors };
}

function readSecret(file: string): string {
  // Editors end a file with a new line.
  const content = readFileSync(file, 'utf8').trim();
  if (content === '') throw new Error(`${file} is empty`);
  return content;
}
