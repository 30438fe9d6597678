import { isCallersFault } from '#kernel';
import type { FailureClass, FailureScope, ProviderFailure } from '#kernel';
import type { CallersWords } from './callers-words.js';
import { holdsPattern, isPattern } from './wildcard.js';

/** What an operator's rule may look at in a failed answer. */
export interface Symptoms {
  /** The HTTP status, or for a success with an error inside the status named there; 0 when there is neither. */
  readonly status: number;
  /** Codes, types, reasons and quota ids, in lower case. */
  readonly codes: readonly string[];
  /** Those of the codes that stood in a field `type` or `error_type`. */
  readonly types: readonly string[];
  /** The messages in lower case, without what stands in quotes: a provider may quote the caller there. */
  readonly text: string;
  /** What of it may come from the caller; not known any more for a failure that is remembered. */
  readonly callersWords?: CallersWords;
}

/** The conditions of an operator's rule; all that are given must hold. In patterns `*` stands for anything. */
export interface RuleMatch {
  /** HTTP status. */
  readonly status?: number;
  /** Pattern for one whole code, type, reason or quota id. */
  readonly code?: string;
  /** Pattern for one whole type. */
  readonly type?: string;
  /** Pattern for a part of the message. */
  readonly message?: string;
}

/** A rule that people add for one provider; tried before the built-in ones. */
export interface OperatorRule {
  /** Unique for the provider; failures name it as `operator.<name>`. */
  readonly name: string;
  readonly match: RuleMatch;
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** How long to rest instead of what the provider says, ms, > 0; `null` for what it says. */
  readonly coolDownMs: number | null;
}

/** What is given for `class` of a rule: everything an answer can mean. `transport` is no answer, `unknown` no meaning. */
export const operatorClasses = [
  'rate_limited',
  'quota_exhausted',
  'authentication',
  'permission',
  'model_unavailable',
  'overloaded',
  'server_error',
  'timeout',
  'invalid_request',
  'context_length',
  'content_policy',
  'payload_too_large',
  'not_found',
  'conflict',
] as const satisfies readonly FailureClass[];

/** What a wait says something about: what passes with time. */
const passes: ReadonlySet<FailureClass> = new Set<FailureClass>([
  'rate_limited',
  'quota_exhausted',
  'overloaded',
]);

/** Whom a class of failure concerns where a rule does not say. */
export function usualScope(failure: FailureClass): FailureScope {
  if (isCallersFault(failure)) return 'request';
  if (failure === 'model_unavailable') return 'model_on_account';
  const isBreakdown = failure === 'overloaded' || failure === 'server_error' || failure === 'timeout';
  return isBreakdown ? 'provider' : 'account';
}

/**
 * What the rules of an operator make of a failure: the first that holds decides, else what was built in stands.
 *
 * @param hintMs the wait the answer asks for, whatever its class; `null` for none
 */
export function judgedBy(
  rules: readonly OperatorRule[],
  symptoms: Symptoms,
  builtIn: ProviderFailure,
  hintMs: number | null,
): ProviderFailure {
  const rule = rules.find((candidate) => holdsFor(candidate, symptoms));
  if (rule === undefined) return builtIn;
  const { name, class: failure, scope, coolDownMs } = rule;
  const retryAfterMs = passes.has(failure) ? (coolDownMs ?? hintMs) : null;
  return { class: failure, scope, rule: `operator.${name}`, retryAfterMs };
}

/** Whether a class and a scope say something about an account, and not about this request alone. */
export const blames = (failure: FailureClass, scope: FailureScope): boolean =>
  scope !== 'request' && !isCallersFault(failure);

function holdsFor({ match, class: failure, scope }: OperatorRule, symptoms: Symptoms): boolean {
  const { status, code, type, message } = match;
  if (status !== undefined && status !== symptoms.status) return false;
  if (code !== undefined && !oneIs(symptoms.codes, code)) return false;
  if (type !== undefined && !oneIs(symptoms.types, type)) return false;
  if (message === undefined) return true;
  const isSaid = holdsPattern(symptoms.text, message.toLowerCase());
  return isSaid && !(blames(failure, scope) && isCallersOwn(message, symptoms));
}

/** Whether all parts of a pattern may come from the caller. */
const isCallersOwn = (pattern: string, { callersWords }: Symptoms): boolean =>
  callersWords !== undefined && pattern.split('*').every((part) => callersWords.has(part));

const oneIs = (values: readonly string[], pattern: string): boolean =>
  values.some((value) => isPattern(value, pattern.toLowerCase()));
