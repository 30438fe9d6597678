/** What the ledger said to a batch. */
export type LedgerAnswer =
  | {
      readonly kind: 'stored';
      readonly records: number;
      /** Those not counted here were stored before. */
      readonly newRecords: number;
    }
  | {
      readonly kind: 'refused';
      /** A line is no record that can be stored, now or ever. */ readonly reason: string;
    };

/** Where usage records are kept for good. Port; the adapter writes to Postgres. */
export abstract class Ledger {
  /**
   * Stores all of the records or none; those already stored, told by their id, stay as they are.
   *
   * @param lines in UTF-8, divided by newlines; each as `usageLine` writes it
   * @throws Error when the ledger cannot be reached: the same lines are to be brought again
   */
  abstract store(lines: Buffer): Promise<LedgerAnswer>;
}
