import type { Secret } from '#kernel';
import type { AuditAction } from './audit-actions.js';

/** Who did it: a system key, the root admin secret, this product by itself, or somebody without a key of ours. */
export interface AuditActor {
  readonly kind: 'api_key' | 'root' | 'system' | 'unknown';
  /** Of the system key; `null` for the others. */
  readonly id: string | null;
}

/** Where an event comes from. */
export interface AuditOrigin {
  readonly actor: AuditActor;
  /** Address of the client; `null` where there is none. */
  readonly ip: string | null;
  readonly requestId: string | null;
  /** The client's own `x-correlation-id`. */
  readonly correlationId: string | null;
}

/** What came of it. */
export type AuditOutcome = 'succeeded' | 'failed' | 'refused';

/** A JSON object of allow-listed fields. */
export type AuditFields = Readonly<Record<string, unknown>>;

/** What is said about an event when it happens. */
export interface AuditDraft {
  readonly action: AuditAction;
  /** What it was done to, each as `<kind>:<id>`; up to 100. */
  readonly targets: readonly string[];
  /** Default `succeeded`. */
  readonly outcome?: AuditOutcome;
  /** Fields as they were, of an allow-list; see `changesOf`. */
  readonly before?: AuditFields | null;
  /** Fields as they are now, of an allow-list. */
  readonly after?: AuditFields | null;
  /** Anything else worth knowing: a reason, a count. Never a secret, a body, a prompt. */
  readonly facts?: AuditFields | null;
  /** Secrets that were made, shown or taken in: only a keyed hash of each is kept, by which the event is found again. */
  readonly secrets?: readonly Secret[];
  /** Default: that of the request under way, else the system. */
  readonly origin?: AuditOrigin;
}

/** One event as it is kept. Nothing of it ever changes. */
export interface AuditEvent extends AuditOrigin {
  /** 1, 2, 3 ... without gaps. */
  readonly sequence: number;
  /** Never before that of the event before it. Whole ms. */
  readonly at: Date;
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly targets: readonly string[];
  readonly before: AuditFields | null;
  readonly after: AuditFields | null;
  readonly facts: AuditFields | null;
  /** SHA-256 over the event and the hash before it, hex. */
  readonly hash: string;
}
