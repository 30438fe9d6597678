export { ChangeFeed } from './change-feed.js';
export type { ChangeTopic } from './change-feed.js';
export { DatabaseUnavailable } from './persistence.errors.js';
export { openDatabase } from './open-database.js';
export type { OpenDatabase } from './open-database.js';
export { migrationDataSource, runMigrations } from './migrations/run-migrations.js';
export { isDatabaseDown } from './is-database-down.js';
export { PersistenceModule } from './persistence.module.js';
export type { PersistenceOptions } from './persistence.module.js';
