import { isRecord } from '../../json-value.js';

/** Whether an answer or a chunk is an error; some relays wrap it in a list. */
export function isDisguisedError(body: unknown): boolean {
  const outer: unknown = Array.isArray(body) ? body[0] : body;
  return isRecord(outer) && isRecord(outer['error']);
}
