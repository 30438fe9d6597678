/** Journal lines on their way to the ledger. Exactly one of `done` and `failed` is called. */
export interface Batch {
  /** Divided by newlines; may be torn or corrupt. */
  readonly lines: Buffer;
  /** The lines are safe elsewhere and may be forgotten here. */
  done(): void;
  /** The lines were not taken; they come again. */
  failed(): void;
}
