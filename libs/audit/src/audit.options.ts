import type { Secret } from '#kernel';

/** How the module is set up. */
export interface AuditOptions {
  /** Absolute; checkpoints and archives are kept there. */
  readonly dataDir: string;
  /** How the owner of the log connects: for dropping archived months. */
  readonly ownerUrl: Secret;
  /** Whole months that are kept besides the one under way, >= 1; `null`: all are. */
  readonly retentionMonths: number | null;
}

/** Injection token of the {@link AuditOptions}. */
export const AUDIT_OPTIONS = Symbol('AuditOptions');
