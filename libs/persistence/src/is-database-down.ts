const networkCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/**
 * SQLSTATE: class 08 connection, 57P shutdown and start-up, 53 resources, 57014 statement timeout, 55P03 lock timeout,
 * 25006 a standby that takes no writes.
 */
const downStates = /^(08...|57P..|53...|57014|55P03|25006)$/;

/** What the `pg` driver and TypeORM say without a code. */
const downMessages =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Driver not Connected|Cannot use a pool after calling end|.* connection is not established)/i;

const deepestCause = 5;

/**
 * Whether an error of TypeORM or `pg` means that the database cannot be used now, rather than that a statement was
 * wrong. The edge answers it with `storage_unavailable`.
 */
export function isDatabaseDown(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > deepestCause) return false;
  const { code, message, cause, driverError, errors } = error as Record<string, unknown>;
  if (typeof code === 'string' && (networkCodes.has(code) || downStates.test(code))) return true;
  if (typeof message === 'string' && downMessages.test(message)) return true;
  const inner = [cause, driverError, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return inner.some((each) => isDatabaseDown(each, depth + 1));
}
