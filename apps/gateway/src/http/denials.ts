import { DomainError, type ErrorCode } from '#kernel';

/** Refusals for want of a right: the audit log counts them. */
const codes: ReadonlySet<ErrorCode> = new Set([
  'invalid_api_key',
  'insufficient_scope',
  'ip_not_allowed',
  'model_not_allowed',
]);

/**
 * What somebody was refused that only others may do, also where the answer spoke of too many such refusals.
 *
 * @returns `null` for everything else
 */
export function denialIn(thrown: unknown): DomainError | null {
  if (!(thrown instanceof DomainError)) return null;
  return codes.has(thrown.code) ? thrown : denialIn(thrown.details.cause);
}
