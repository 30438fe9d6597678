import type { ErrorCode } from './error-codes.js';

/** What a {@link DomainError} may carry besides its code and message. */
export interface DomainErrorDetails {
  /** The field at fault as the caller wrote it, for example `limits.rpm`. */
  readonly field?: string;
  /** When it is worth trying again, whole seconds from now, at least 1. Required for answers with status 429. */
  readonly retryAfterSeconds?: number;
  /** Several faults of one request, each with its field. */
  readonly faults?: readonly { readonly field: string; readonly message: string }[];
  /** For the log and the audit log alone: whose request it was, where that is known. Never shown to a caller. */
  readonly apiKeyId?: string;
  /** For the log alone: why it happened. Never shown to a caller. */
  readonly cause?: unknown;
}

/**
 * A fault with two messages that never mix: `message` is for the caller and holds no key, account or internals;
 * `details.cause` is for the log.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: DomainErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
  }
}
