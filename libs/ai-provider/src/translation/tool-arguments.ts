import { isRecord, parseJson } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';

/**
 * The arguments a model wrote as text. What is no JSON object, because the model erred or was cut short, stands under
 * `arguments` as it was written, so that whoever runs the function sees it.
 */
export function readArguments(text: string): JsonRecord {
  if (text.trim() === '') return {};
  const value = parseJson(text);
  return isRecord(value) ? value : { arguments: text };
}
