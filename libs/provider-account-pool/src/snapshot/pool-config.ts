import type { SnapshotParts } from '../domain/pool-snapshot.js';

/** All that is configured in the database. */
export type StoredPoolConfig = SnapshotParts;

/** Where providers and accounts are read from. Port: Postgres, or nothing at all. */
export abstract class PoolConfig {
  /** Reads everything. A credential that cannot be opened is a fault of its account, not of the reading. */
  abstract load(): Promise<StoredPoolConfig>;
  /** Calls back after each change, whoever made it. Returns a function that ends this. */
  abstract onChange(callback: () => Promise<void>): () => void;
}

/** Without a database there are the accounts of the environment, and they never change. */
export class NoPoolConfig extends PoolConfig {
  async load(): Promise<StoredPoolConfig> {
    return { providers: [], quotaGroups: [], failureRules: [], accounts: [] };
  }

  onChange(): () => void {
    return () => undefined;
  }
}
