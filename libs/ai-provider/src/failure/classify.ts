import type { ProviderFailure } from '#kernel';
import type { FailedAnswer } from '../contract/provider-adapter.js';
import type { LimitBucket } from '../limits/limit-bucket.js';
import { codeRules, generalCodeRules } from './code-rules.js';
import { gatherEvidence } from './evidence.js';
import { holds } from './failure-rule.js';
import type { FailureRule } from './failure-rule.js';
import { phraseRules } from './phrase-rules.js';
import { retryHint } from './retry-hint.js';
import { statusRules } from './status-rules.js';
import { transportVerdict } from './transport-failure.js';

const generalRules: readonly FailureRule[] = [
  ...codeRules,
  ...phraseRules,
  ...generalCodeRules,
  ...statusRules,
];
const noRuleHeld: FailureRule = { name: 'none', class: 'unknown', scope: 'provider' };

/** What a provider's classifier adds to the general rules. */
export interface FailureDialect {
  /** Stands before the name of each rule, for example `openai`. */
  readonly kind: string;
  /** Tried before the general rules. */
  readonly rules: readonly FailureRule[];
  /** Where the reset of an empty bucket is read. */
  readonly limits: readonly LimitBucket[];
}

/**
 * Says what a failure means: the provider's own rules first, then precise codes, known phrases, general codes, the
 * status. Never throws, whatever the body.
 */
export function classify(answer: FailedAnswer, dialect: FailureDialect, nowMs: number): ProviderFailure {
  if (answer.transportCode !== null) {
    const { name, class: failure, scope } = transportVerdict(answer.transportCode);
    return { class: failure, scope, rule: `transport.${name}`, retryAfterMs: null };
  }
  const evidence = gatherEvidence(answer);
  const rule =
    dialect.rules.find((candidate) => holds(candidate, evidence)) ??
    generalRules.find((candidate) => holds(candidate, evidence)) ??
    noRuleHeld;
  return {
    class: rule.class,
    scope: rule.scope,
    rule: `${dialect.kind}.${rule.name}`,
    retryAfterMs: retryHint(rule.class, evidence, dialect.limits, nowMs),
  };
}
