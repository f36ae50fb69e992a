// The `assent` command. Nothing but what turns the cache of compiled code on is imported before it is on.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDirectory } from './config.ts';

enableCompileCache(join(cacheDirectory, 'compiled'));
const { run } = await import('./commands.ts');
process.exit(await run(process.argv));
