import type { FailureClass, FailureScope } from '#kernel';
import { headerText } from '../limits/limit-bucket.js';
import type { Evidence } from './evidence.js';
import { blames } from './operator-rule.js';
import { isSaidByProvider } from './said-by-provider.js';

/**
 * One line of a classifier: every condition that is given must hold. Rules are tried in order, the first that holds
 * decides, so the specific stands before the general.
 */
export interface FailureRule {
  /** Unique within a provider, for timelines and metrics. */
  readonly name: string;
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** Holds when one of the codes, in lower case, matches. */
  readonly code?: RegExp;
  /** Holds when the messages, in lower case, match. */
  readonly text?: RegExp;
  /** Holds when the status lies between both, inclusive. */
  readonly status?: readonly [from: number, to: number];
  /** Holds when all named headers match. */
  readonly headers?: Readonly<Record<string, RegExp>>;
  /** Holds when a named bucket of the limit headers is empty, or none is. */
  readonly emptyBucket?: boolean;
  /** Holds when the body is bare text, or is none. */
  readonly isText?: boolean;
}

function headersMatch(wanted: Readonly<Record<string, RegExp>>, evidence: Evidence): boolean {
  return Object.entries(wanted).every(([name, pattern]) =>
    pattern.test(headerText(evidence.headers, name) ?? ''),
  );
}

/** What the caller may have said itself is no evidence against an account. */
function isSaid({ text, callersWords }: Evidence, { class: failure, scope }: FailureRule, pattern: RegExp) {
  if (!pattern.test(text)) return false;
  return !blames(failure, scope) || isSaidByProvider(text, pattern, callersWords);
}

/** Whether all conditions of a rule hold. */
export function holds(rule: FailureRule, evidence: Evidence): boolean {
  if (rule.status && (evidence.status < rule.status[0] || evidence.status > rule.status[1])) return false;
  if (rule.emptyBucket !== undefined && rule.emptyBucket !== evidence.emptyBucket) return false;
  if (rule.isText !== undefined && rule.isText !== evidence.isText) return false;
  const { code } = rule;
  if (code && !evidence.codes.some((seen) => code.test(seen))) return false;
  if (rule.text && !isSaid(evidence, rule, rule.text)) return false;
  return rule.headers === undefined || headersMatch(rule.headers, evidence);
}
