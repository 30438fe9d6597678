import { isRecord, listAt } from '../../json-value.js';

const given = (error: unknown) => error !== null && error !== undefined && error !== '' && error !== false;

/**
 * The error inside an answer or a chunk of a stream whose status says success.
 *
 * @returns the error, on its own or of the first choice; `null` when there is none
 */
export function errorIn(body: unknown): unknown {
  const outer: unknown = Array.isArray(body) ? body[0] : body;
  if (!isRecord(outer)) return null;
  if (given(outer['error'])) return outer['error'];
  // As vLLM and Mistral say it.
  if (outer['object'] === 'error') return outer;
  const choice = listAt(outer, 'choices')[0];
  return isRecord(choice) && given(choice['error']) ? choice['error'] : null;
}

/** Whether an answer with a 2xx status is an error all the same, or has no choices where it must have some. */
export const isDisguisedError = (body: unknown): boolean =>
  errorIn(body) !== null || (isRecord(body) && 'choices' in body && body['choices'] === null);
