import type { Effort, Reasoning } from './conversation.js';

/** Tokens an effort stands for, and the effort a budget up to so many tokens stands for; Google's own table, continued. */
const budgets: readonly (readonly [Effort, number])[] = [
  ['minimal', 512],
  ['low', 1_024],
  ['medium', 8_192],
  ['high', 24_576],
  ['xhigh', 32_768],
  ['max', 65_536],
];

/** The tokens that an effort is worth where a provider counts them, > 0. */
export const budgetOf = (effort: Effort): number => budgets.find(([name]) => name === effort)?.[1] ?? 8_192;

/**
 * The effort of a caller's setting, for providers that do not count tokens.
 *
 * @returns `null` for `off` and `auto`
 */
export function effortOf(reasoning: Reasoning): Effort | null {
  if (reasoning.kind === 'effort') return reasoning.effort;
  if (reasoning.kind !== 'budget') return null;
  return budgets.find(([, tokens]) => reasoning.tokens <= tokens)?.[0] ?? 'max';
}
