import type { AuditFilter } from '../audit-filter.js';

/** A condition and the values it names by number. */
export interface Where {
  readonly clause: string;
  readonly values: readonly unknown[];
}

/** What each field of a filter asks, given where its value stands. */
const conditions: { [Name in keyof AuditFilter]-?: (at: string) => string } = {
  actor: (at) => `(actor_id = ${at} OR (actor_id IS NULL AND actor_kind = ${at}))`,
  action: (at) => `(action = ${at} OR starts_with(action, ${at} || '.'))`,
  target: (at) => `targets @> ARRAY[${at}]::text[]`,
  outcome: (at) => `outcome = ${at}`,
  from: (at) => `at >= ${at}`,
  to: (at) => `at < ${at}`,
  fromSequence: (at) => `sequence >= ${at}`,
  beforeSequence: (at) => `sequence < ${at}`,
  fingerprints: (at) => `fingerprints <> '{}' AND fingerprints && ${at}::text[]`,
};

/** Puts a filter into SQL. */
export function whereOf(filter: AuditFilter): Where {
  const clauses: string[] = [];
  const values: unknown[] = [];
  for (const [name, condition] of Object.entries(conditions)) {
    const value = filter[name as keyof AuditFilter];
    if (value === undefined) continue;
    values.push(value);
    clauses.push(condition(`$${values.length}`));
  }
  return { clause: clauses.length === 0 ? 'true' : clauses.join(' AND '), values };
}
