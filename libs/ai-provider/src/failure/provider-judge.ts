import type { ProviderFailure } from '#kernel';
import type { FailedAnswer, FailureClassifier } from '../contract/provider-adapter.js';
import { gatherEvidence } from './evidence.js';
import { judgedBy } from './operator-rule.js';
import type { OperatorRule } from './operator-rule.js';
import { RecentFailures, redactedSymptoms } from './recent-failures.js';
import type { RecentFailure } from './recent-failures.js';
import { retryHint } from './retry-hint.js';

/** A failure that other rules would take as something else. */
export interface ChangedVerdict {
  readonly seen: RecentFailure;
  readonly before: ProviderFailure;
  readonly after: ProviderFailure;
}

/** What a change of rules would have done. */
export interface DryRun {
  /** How many recent failures were looked at. */
  readonly examined: number;
  /** Those that would be taken as something else, the newest first. */
  readonly changed: readonly ChangedVerdict[];
}

/** Says what the failures of one provider mean: the rules of its operator first, then its adapter. Remembers the last ones. */
export class ProviderJudge implements FailureClassifier {
  readonly #recent = new RecentFailures();
  #rules: readonly OperatorRule[] = [];

  constructor(private readonly adapter: FailureClassifier) {}

  /** Puts rules in force, in this order, in place of all before. */
  follow(rules: readonly OperatorRule[]): void {
    this.#rules = rules;
  }

  classify(answer: FailedAnswer, nowMs: number): ProviderFailure {
    const builtIn = this.adapter.classify(answer, nowMs);
    return builtIn.rule === 'transport.client_abort' ? builtIn : this.#judge(answer, builtIn, nowMs);
  }

  /** The last failures in this process, redacted, the newest first. */
  recent(): readonly RecentFailure[] {
    return this.#recent.list();
  }

  /** What the recent failures would have been taken for by `rules`, in place of those in force. Changes nothing. */
  dryRun(rules: readonly OperatorRule[]): DryRun {
    const failures = this.#recent.list();
    const changed = failures.flatMap((seen) => {
      const before = verdictOf(this.#rules, seen);
      const after = verdictOf(rules, seen);
      return isSame(before, after) ? [] : [{ seen, before, after }];
    });
    return { examined: failures.length, changed };
  }

  #judge(answer: FailedAnswer, builtIn: ProviderFailure, nowMs: number): ProviderFailure {
    const evidence = gatherEvidence(answer);
    const hintMs = builtIn.retryAfterMs ?? retryHint('rate_limited', evidence, [], nowMs);
    const hasAnswer = answer.transportCode === null;
    const failure = hasAnswer ? judgedBy(this.#rules, evidence, builtIn, hintMs) : builtIn;
    this.#recent.note({ ...redactedSymptoms(evidence), atMs: nowMs, hintMs, hasAnswer, builtIn, failure });
    return failure;
  }
}

const verdictOf = (rules: readonly OperatorRule[], seen: RecentFailure): ProviderFailure =>
  seen.hasAnswer ? judgedBy(rules, seen, seen.builtIn, seen.hintMs) : seen.builtIn;

const isSame = (one: ProviderFailure, other: ProviderFailure): boolean =>
  one.class === other.class &&
  one.scope === other.scope &&
  one.rule === other.rule &&
  one.retryAfterMs === other.retryAfterMs;
