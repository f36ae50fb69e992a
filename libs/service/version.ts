import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of this repository, or the image that was made of it, such as 0.1.0. */
export const version: string = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
).version;

/** Whether both are of the same major and minor version: what differs in its patch only is exchangeable. */
export function isSameRelease(one: string, other: string): boolean {
  return release(one) === release(other);
}

function release(text: string): string {
  return text.split('.', 2).join('.');
}
