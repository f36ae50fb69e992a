// Runs in a service's process before the service: loads what the service is going to load, which takes a while, and then
// waits for the environment that the supervisor sends once the databases are there. So both get ready at the same time.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { addToEnvironment } from '../config.ts';

const require = createRequire(process.argv[1] ?? '');
const { dependencies } = JSON.parse(readFileSync(require.resolve('./package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
for (const name of Object.keys(dependencies)) {
  // Only what services load in any case; a package without a main module has only parts that are imported by themselves.
  if (name.startsWith('@assent/') && name !== '@assent/transactions')
    await import(pathToFileURL(require.resolve(name)).href);
}
const [variables] = (await once(process, 'message')) as [Record<string, string>];
addToEnvironment(variables);
