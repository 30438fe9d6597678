import { isRecord, parseJson } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';

/** Objects looked for are counts: this is far more than any of them takes. */
const longestObject = 4_096;

/**
 * Finds the last object called `key` in the end of a JSON document whose beginning is not there. Inside a text its quotes
 * would be escaped, so words cannot be taken for it.
 *
 * @returns an empty object when there is none, or it is longer than 4 KiB
 */
export function lastObject(text: string, key: string): JsonRecord {
  const at = text.lastIndexOf(`"${key}"`);
  const start = at === -1 ? -1 : text.indexOf('{', at);
  if (start === -1 || !/^ *: *$/.test(text.slice(at + key.length + 2, start))) return {};
  const most = Math.min(text.length, start + longestObject);
  for (let end = text.indexOf('}', start); end !== -1 && end < most; end = text.indexOf('}', end + 1)) {
    const found = parseJson(text.slice(start, end + 1));
    if (isRecord(found)) return found;
  }
  return {};
}
