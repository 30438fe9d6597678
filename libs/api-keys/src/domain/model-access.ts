import type { Caller } from '../caller.js';

/**
 * Whether a caller may use a model: `deny` wins, an empty `allow` means all, `*` at the end matches any rest.
 *
 * @param model the name as the caller wrote it; compared exactly, upper and lower case differ
 */
export function mayUseModel({ models }: Pick<Caller, 'models'>, model: string): boolean {
  if (models.deny.some((pattern) => matches(pattern, model))) return false;
  return models.allow.length === 0 || models.allow.some((pattern) => matches(pattern, model));
}

function matches(pattern: string, model: string): boolean {
  return pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : pattern === model;
}
