export { advice } from './advice.ts';
export { type Database, type DatabaseOptions, openDatabase, type Sql } from './database.ts';
export { isTransient, sqlState } from './errors.ts';
export { answers } from './health.ts';
export { type Migrations, migrate } from './migrate.ts';
export {
  type DropOptions,
  dropPartitionsBefore,
  ensurePartitions,
  listPartitions,
  type Partition,
  type PartitionsOptions,
  uuidAt,
} from './partitions.ts';
export type { PoolLoad } from './pool.ts';
export { beginReign, type Reign, reignMigrations, under } from './reign.ts';
