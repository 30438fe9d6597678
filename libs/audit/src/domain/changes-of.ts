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
 * @param after `null` for something deleted
 */
export function changesOf<Row extends object>(
  allowed: readonly (keyof Row & string)[],
  before: Row | null,
  after: Partial<Row> | null,
): Changes {
  if (before === null) return { before: null, after: pick(allowed, after ?? {}) };
  if (after === null) return { before: pick(allowed, before), after: null };
  const changed = allowed.filter((name) => name in after && !isDeepStrictEqual(before[name], after[name]));
  return { before: pick(changed, before), after: pick(changed, after) };
}

function pick<Row extends object>(names: readonly (keyof Row & string)[], row: Partial<Row>): AuditFields {
  return Object.fromEntries(names.filter((name) => name in row).map((name) => [name, row[name]]));
}
