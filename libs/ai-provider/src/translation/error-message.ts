import { isRecord } from '../json-value.js';

const noWords = 'The provider refused the request.';

/** What a provider says in an error of any wire format, in words for a caller. */
export function errorMessage(body: unknown): string {
  const outer: unknown = Array.isArray(body) ? body[0] : body;
  if (!isRecord(outer)) return noWords;
  const { error } = outer;
  const message = isRecord(error) ? error['message'] : (error ?? outer['message'] ?? outer['Message']);
  return typeof message === 'string' && message !== '' ? message : noWords;
}
