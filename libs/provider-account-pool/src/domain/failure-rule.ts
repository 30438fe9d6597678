import { operatorClasses, usualScope, type OperatorRule, type RuleMatch } from '#ai-provider';
import { isCallersFault, type FailureClass, type FailureScope, type ProviderId } from '#kernel';
import { refuseFaults, type Fault } from './fault.js';

/** What can be said about a failure rule when it is made. */
export interface FailureRuleDraft {
  /** 1 to 63 of a-z, 0-9, `_` and `-`, unique for the provider; failures name it as `operator.<name>`. */
  readonly name: string;
  /** At least one condition; all that are given must hold. */
  readonly match: RuleMatch;
  /** What it then is; a caller's fault never benches an account. */
  readonly class: FailureClass;
  /** Whom it concerns. Default: as usual for the class. */
  readonly scope?: FailureScope | null;
  /** How long to rest in place of what the provider says, s; for `rate_limited` to 1,800, for `quota_exhausted` to 31 days. */
  readonly cooldownSeconds?: number | null;
  /** Default true. */
  readonly enabled?: boolean;
  /** Rules are tried from the lowest on, equal ones by age, 0 to 1,000,000. Default 100. */
  readonly order?: number;
}

/** A change of a failure rule; what is left out stays, a `match` is replaced as a whole. */
export type FailureRuleChange = Partial<FailureRuleDraft>;

/** A failure rule of an operator. Immutable. */
export interface FailureRuleView extends Required<Omit<FailureRuleDraft, 'scope' | 'cooldownSeconds'>> {
  readonly id: string;
  readonly scope: FailureScope;
  readonly cooldownSeconds: number | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A rule as it is in the database. */
export interface StoredFailureRule extends FailureRuleView {
  readonly providerId: ProviderId;
}

/** All a draft says, with what is usual where it says nothing. */
export type CompleteFailureRule = Omit<FailureRuleView, 'id' | 'version' | 'createdAt' | 'updatedAt'>;

/** How many rules a provider may have. */
export const mostFailureRules = 100;
/** Whom a rule may say a failure concerns. */
export const failureRuleScopes = [
  'request',
  'model_on_account',
  'account',
  'organisation',
  'provider',
] as const satisfies readonly FailureScope[];
const longestPattern = 200;
const longestCoolDownSeconds: Partial<Record<FailureClass, number>> = {
  rate_limited: 1_800,
  quota_exhausted: 31 * 86_400,
};

/**
 * Fills the gaps of a draft.
 *
 * @throws DomainError `invalid_request` with every fault and its field
 */
export function completeRule(draft: FailureRuleDraft): CompleteFailureRule {
  const { name, class: failure, enabled = true, order = 100 } = draft;
  const match = Object.fromEntries(
    Object.entries(draft.match ?? {}).filter(([, condition]) => (condition ?? null) !== null),
  );
  const cooldownSeconds = draft.cooldownSeconds ?? null;
  const scope = draft.scope ?? usualScope(failure);
  refuseFaults([
    ...nameFaults(name),
    ...matchFaults(match),
    ...verdictFaults(failure, scope),
    ...coolDownFaults(failure, cooldownSeconds),
    ...unless(typeof enabled === 'boolean', 'enabled', 'must be true or false'),
    ...unless(isWhole(order, 0, 1_000_000), 'order', 'must be a whole number from 0 to 1000000'),
  ]);
  return { name, match, class: failure, scope, cooldownSeconds, enabled, order };
}

/** What the judge of a provider follows: the enabled ones, in their order. */
export const rulesInForce = (rules: readonly (CompleteFailureRule & { id?: string })[]): OperatorRule[] =>
  rules
    .filter(({ enabled }) => enabled)
    .sort((a, b) => a.order - b.order || ageOf(a).localeCompare(ageOf(b)))
    .map(({ name, match, class: failure, scope, cooldownSeconds }) => ({
      name,
      match,
      class: failure,
      scope,
      coolDownMs: cooldownSeconds === null ? null : cooldownSeconds * 1_000,
    }));

/** Ids tell the time of making; a rule that is not made yet is the youngest. */
const ageOf = ({ id = 'z' }: { readonly id?: string }): string => id;

const unless = (isFine: boolean, field: string, message: string): Fault[] =>
  isFine ? [] : [{ field, message }];

function nameFaults(name: unknown): Fault[] {
  const isFine = typeof name === 'string' && /^[a-z0-9][a-z0-9_-]{0,62}$/.test(name);
  return unless(isFine, 'name', 'must have 1 to 63 of a-z, 0-9, "_" and "-"');
}

function matchFaults({ status, ...patterns }: RuleMatch): Fault[] {
  const isEmpty = status === undefined && Object.keys(patterns).length === 0;
  return [
    ...unless(!isEmpty, 'match', 'needs a status, code, type or message'),
    ...unless(
      status === undefined || isWhole(status, 200, 599),
      'match.status',
      'must be a whole number from 200 to 599',
    ),
    ...Object.entries(patterns).flatMap(([field, pattern]) =>
      unless(isPatternFine(pattern), `match.${field}`, 'must have 1 to 200 characters and not only "*"'),
    ),
  ];
}

const isPatternFine = (pattern: unknown): boolean =>
  typeof pattern === 'string' && pattern.length <= longestPattern && /[^*\s]/.test(pattern);

function verdictFaults(failure: FailureClass, scope: FailureScope): Fault[] {
  if (!(operatorClasses as readonly FailureClass[]).includes(failure)) {
    return [{ field: 'class', message: `must be one of ${operatorClasses.join(', ')}` }];
  }
  if (!failureRuleScopes.includes(scope)) {
    return [{ field: 'scope', message: `must be one of ${failureRuleScopes.join(', ')}` }];
  }
  const isBlamed = isCallersFault(failure) && scope !== 'request';
  return unless(!isBlamed, 'scope', `must be request: ${failure} is a fault of the caller`);
}

function coolDownFaults(failure: FailureClass, seconds: number | null): Fault[] {
  if (seconds === null) return [];
  const most = longestCoolDownSeconds[failure];
  if (most === undefined) return unless(false, 'cooldownSeconds', 'has no effect with this class');
  return unless(isWhole(seconds, 1, most), 'cooldownSeconds', `must be a whole number from 1 to ${most}`);
}

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;
