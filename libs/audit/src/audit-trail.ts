import type { AuditDraft } from './audit-event.js';

/** A transaction under way; TypeORM's `EntityManager` is one. */
export interface AuditTransaction {
  query<Rows>(statement: string, parameters?: unknown[]): Promise<Rows>;
}

/** Where events are written. */
export abstract class AuditTrail {
  /**
   * Appends events in the transaction of the change they tell of: without them the change does not happen. The last
   * statement before the commit: from here on every other append waits for it.
   *
   * @param transaction of the isolation `READ COMMITTED`
   * @throws whatever the database throws, for the transaction to be undone
   */
  abstract append(transaction: AuditTransaction, drafts: readonly AuditDraft[]): Promise<void>;
  /** Appends events of what is no change of the database, in a transaction of their own. */
  abstract record(drafts: readonly AuditDraft[]): Promise<void>;
}
