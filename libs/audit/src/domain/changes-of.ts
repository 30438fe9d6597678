import { isDeepStrictEqual } from 'node:util';
import type { AuditFields } from '../audit-event.js';

/** What a change looks like in an event. */
export interface Changes {
  readonly before: AuditFields | null;
  readonly after: AuditFields | null;
}

/**
 * What changed of the fields that may stand in the audit log; no other field ever does.
 *
 * @param allowed names of those fields
 * @param before `null` for something new
 * @param after `null` for something deleted; fields it does not have stay as they are
 */
export function changesOf(
  allowed: readonly string[],
  before: Readonly<object> | null,
  after: Readonly<object> | null,
): Changes {
  const [old, present] = [fieldsOf(allowed, before), fieldsOf(allowed, after)];
  if (old === null || present === null) return { before: old, after: present };
  const changed = Object.keys(present).filter((name) => !isDeepStrictEqual(old[name], present[name]));
  return { before: fieldsOf(changed, old), after: fieldsOf(changed, present) };
}

function fieldsOf(names: readonly string[], row: Readonly<object> | null): AuditFields | null {
  if (row === null) return null;
  const fields = row as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.filter((name) => name in fields).map((name) => [name, fields[name]]));
}
