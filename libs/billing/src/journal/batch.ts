/** Journal lines on their way to the ledger. Exactly one of `done` and `failed` is called. */
export interface Batch {
  /** Without their newlines; may be torn or corrupt. */
  readonly lines: readonly string[];
  /** The lines are safe elsewhere and may be forgotten here. */
  done(): void;
  /** The lines were not taken; they come again. */
  failed(): void;
}

/** Cuts text into lines; a last one without a newline counts. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
