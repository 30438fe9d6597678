/** Which events are wanted; all of what is given must hold. */
export interface AuditFilter {
  /** Id of a system key, `root` or `system`. */
  readonly actor?: string;
  /** A code, or the first part of codes, as `account`. */
  readonly action?: string;
  /** `<kind>:<id>`. */
  readonly target?: string;
  readonly outcome?: string;
  /** At this time or later. */
  readonly from?: Date;
  /** Before this time. */
  readonly to?: Date;
  /** Of this sequence or greater. */
  readonly fromSequence?: number;
  /** Of smaller sequence. */
  readonly beforeSequence?: number;
  /** Any of these keyed hashes of a secret. */
  readonly fingerprints?: readonly string[];
}
