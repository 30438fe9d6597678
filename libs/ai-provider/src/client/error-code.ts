const own = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/**
 * The code of a network error: its own, that of its cause, that of the first address tried, or else its name.
 */
export function errorCodeOf(error: unknown): string {
  const first = own(error, 'errors');
  const candidates = [error, own(error, 'cause'), Array.isArray(first) ? first[0] : undefined];
  const code = candidates
    .map((candidate) => own(candidate, 'code'))
    .find((found) => typeof found === 'string');
  return code ?? (error instanceof Error ? error.name : 'UNKNOWN');
}
