// Databases by the services that they belong to: how a cluster names them, and how a run does.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseUrls } from '../check/sources.ts';
import { databaseOf, type ServiceName, serviceNames } from '../start/services.ts';

/**
 * @param byService each service's URLs, with commas between those of its shards
 * @returns by database: orders, inventory, inventory1, …
 */
export function databaseUrls(byService: Readonly<Record<string, string>>): DatabaseUrls {
  const owners = serviceNames.filter((service) => databaseOf[service] !== undefined);
  const missing = owners.filter((service) => !byService[service]?.trim());
  if (missing.length > 0)
    throw new Error(`nothing says where the databases of these services are: ${missing.join(', ')}`);
  return Object.fromEntries(owners.flatMap((service) => shards(service, byService[service] ?? '')));
}

function shards(service: ServiceName, urls: string): [string, string][] {
  return urls.split(',').map((text, shard) => {
    const url = text.trim();
    // Without the URL: there is a password in it.
    if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
      throw new Error(`what is given for the databases of ${service} is no postgres:// URL`);
    return [`${databaseOf[service]}${shard === 0 ? '' : shard}`, url];
  });
}

/** From a directory with a file for each service, such as a mounted Secret. */
export function readDatabases(directory: string): DatabaseUrls {
  if (!existsSync(directory)) throw new Error(`there is no directory ${directory} with a file for each service`);
  const names = readdirSync(directory).filter((name) => (serviceNames as readonly string[]).includes(name));
  return databaseUrls(Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), 'utf8')])));
}
