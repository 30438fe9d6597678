import { createHash } from 'node:crypto';
import type { Scenario } from '../scenario/scenario.js';
import { isObject } from '../scenario/shape.js';

let lastNumber = 0;

/** The id of an answer, 16 characters; wire formats put their prefix before it. */
export function idFor(ids: Scenario['ids'], body: Buffer | undefined): string {
  if (ids !== 'from_request') return (++lastNumber).toString(36).padStart(16, '0');
  return createHash('sha256')
    .update(withoutNames(body ?? Buffer.alloc(0)))
    .digest('hex')
    .slice(0, 16);
}

/** A form is as unlike another as its boundary: all have one id. */
function withoutNames(body: Buffer): string {
  const text = body.toString();
  if (!text.startsWith('{')) return '';
  try {
    const fields: unknown = JSON.parse(text);
    return isObject(fields) ? JSON.stringify({ ...fields, model: undefined, stream_options: undefined }) : '';
  } catch {
    return '';
  }
}
