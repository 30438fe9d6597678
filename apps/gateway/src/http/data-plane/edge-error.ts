import type { Operation } from '#ai-provider';
import type { ErrorCode } from '#kernel';

/** An error on its way to a caller, in no wire format yet. */
export interface EdgeError {
  readonly code: ErrorCode;
  readonly status: number;
  /** For the caller: no key, no account, no internals. */
  readonly message: string;
  readonly field: string | null;
  readonly retryAfterSeconds: number | null;
  readonly requestId: string;
}

/** How one wire format says that something went wrong. */
export interface ErrorBody {
  /** The body of an answer that is an error as a whole. */
  body(error: EdgeError): object;
  /**
   * The last event of a stream that had begun, as bytes on the wire.
   *
   * @param operation whose stream it is
   * @param last what was written before; `null` when nothing was
   */
  lastEvent(error: EdgeError, operation: Operation, last: Buffer | null): string;
}
