import type { ModelRules } from './account.js';

/** Says whether an account serves a model. */
export type ModelMatcher = (model: string) => boolean;

const servesAll: ModelMatcher = () => true;

/** Makes a matcher of rules: `deny` wins; an empty `allow` means all; `*` at the end matches any rest. No rule excludes the empty name. */
export function compileModelRules({ allow, deny }: ModelRules): ModelMatcher {
  if (allow.length === 0 && deny.length === 0) return servesAll;
  const allowed = allow.length === 0 ? servesAll : matchesAny(allow);
  const denied = matchesAny(deny);
  return (model) => model === '' || (allowed(model) && !denied(model));
}

function matchesAny(patterns: readonly string[]): ModelMatcher {
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const beginnings = patterns
    .filter((pattern) => pattern.endsWith('*'))
    .map((pattern) => pattern.slice(0, -1));
  return (model) => names.has(model) || beginnings.some((beginning) => model.startsWith(beginning));
}
