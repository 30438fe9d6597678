import { isRecord } from '../../json-value.js';

/** Whether an answer with a 2xx status is an error all the same. */
export const isDisguisedError = (body: unknown): boolean =>
  isRecord(body) && (body['type'] === 'error' || isRecord(body['error']));
