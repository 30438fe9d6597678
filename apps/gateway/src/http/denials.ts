import { DomainError, type ErrorCode } from '#kernel';

/** Refusals for want of a right: the audit log counts them. */
const codes: ReadonlySet<ErrorCode> = new Set([
  'invalid_api_key',
  'insufficient_scope',
  'ip_not_allowed',
  'model_not_allowed',
]);

/** Whether somebody was refused what only others may do. */
export const isDenial = (thrown: unknown): thrown is DomainError =>
  thrown instanceof DomainError && codes.has(thrown.code);
