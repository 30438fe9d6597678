import { DomainError } from '#kernel';
import type { Scope } from '../caller.js';
import type { AccessRules, NameRules } from './access-rules.js';

/** What a key may do and reach. */
export interface Grants extends AccessRules {
  readonly scopes: Iterable<Scope>;
}

/**
 * Keeps a key from giving more than it has: the scopes of `given` must be among its own, what it may reach within what
 * `by` may reach.
 *
 * @throws DomainError `insufficient_scope`
 */
export function refuseBroader(by: Grants, given: Grants): void {
  const own = new Set(by.scopes);
  const missing = [...given.scopes].filter((scope) => !own.has(scope));
  if (missing.length > 0) {
    throw new DomainError(
      'insufficient_scope',
      `An API key can give no scope that it lacks: ${missing.join(', ')}.`,
      { field: 'scopes' },
    );
  }
  for (const field of ['models', 'providers'] as const) {
    if (isWithin(given[field], by[field])) continue;
    throw new DomainError('insufficient_scope', `An API key can give no access to ${field} that it lacks.`, {
      field,
    });
  }
}

/** Whether the rules let through no name that `bounds` do not. Errs on the side of no. */
function isWithin(rules: NameRules, bounds: NameRules): boolean {
  const isAllowed =
    bounds.allow.length === 0 ||
    (rules.allow.length > 0 && rules.allow.every((pattern) => isCovered(pattern, bounds.allow)));
  return isAllowed && bounds.deny.every((pattern) => isCovered(pattern, rules.deny));
}

/** Whether every name that the pattern matches is matched by one of the others. */
function isCovered(pattern: string, by: readonly string[]): boolean {
  return by.some((other) =>
    other.endsWith('*') ? pattern.startsWith(other.slice(0, -1)) : other === pattern,
  );
}
