import type { AccountId } from '#kernel';

/** Limits of an account; `null` means not configured: learnt from the provider's headers, optimistic until then. */
export interface AccountLimits {
  /** Requests per minute, > 0. */
  readonly rpm: number | null;
  /** All tokens per minute, > 0. */
  readonly tpm: number | null;
  /** Prompt tokens per minute, > 0. */
  readonly itpm: number | null;
  /** Generated tokens per minute, > 0. */
  readonly otpm: number | null;
  /** Requests per day, > 0. */
  readonly rpd: number | null;
  /** Tokens per day, > 0. */
  readonly tpd: number | null;
  /** Calls under way at once, > 0. */
  readonly maxConcurrency: number | null;
}

/** What people decided about an account. A person's "off" always wins over the machine. */
export type HumanState =
  | { readonly kind: 'enabled' }
  | { readonly kind: 'paused'; readonly untilMs: number | null }
  | { readonly kind: 'disabled' }
  | { readonly kind: 'compromised' };

/** Which models an account serves: `deny` wins; an empty `allow` means all; `*` at the end matches any rest. */
export interface ModelRules {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** Accounts that share one provider-side limit, such as two keys of one organisation: its windows count for all of them. */
export interface QuotaGroup {
  /** Not empty; accounts with an equal id are of one group. */
  readonly id: string;
  /** What the members may use together, besides the limits of each. */
  readonly limits: AccountLimits;
}

/** What an account may spend at most; `null` means no bound. Days and months are those of UTC. */
export interface AccountBudget {
  /** Nano US dollars, > 0. */
  readonly dailyNanoUsd: number | null;
  /** Nano US dollars, > 0. */
  readonly monthlyNanoUsd: number | null;
}

/** An account as configured. Immutable; a change is a new one. */
export interface AccountSpec {
  readonly id: AccountId;
  /** Share of the traffic relative to the others of its tier, > 0. */
  readonly weight: number;
  /** 1 is tried first; the next only when no account of this one can admit. Integer >= 1. */
  readonly tier: number;
  readonly human: HumanState;
  /** `false` when there is no active credential or it cannot be decrypted. */
  readonly credentialUsable: boolean;
  readonly limits: AccountLimits;
  /** `null`: its limits are its own. */
  readonly quotaGroup: QuotaGroup | null;
  readonly budget: AccountBudget;
  /** What a call costs here relative to the list price, >= 0; 1 is usual, 0 is free. */
  readonly costFactor: number;
  readonly models: ModelRules;
}

/** What the machine found out about an account. `rule` names what caused it. */
export type MachineState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'cooling'; readonly untilMs: number; readonly rule: string }
  | { readonly kind: 'open'; readonly untilMs: number; readonly rule: string }
  | { readonly kind: 'half_open'; readonly rule: string }
  | { readonly kind: 'out_of_quota'; readonly untilMs: number; readonly rule: string }
  | { readonly kind: 'auth_failed'; readonly rule: string };

/** Why an account may not serve this call now. */
export type RefusalReason =
  | 'disabled'
  | 'paused'
  | 'compromised'
  | 'credential_unusable'
  | 'auth_failed'
  | 'cooling'
  | 'circuit_open'
  | 'probing'
  | 'out_of_quota'
  | 'model_not_allowed'
  | 'model_unavailable'
  | 'already_tried'
  | 'concurrency'
  | 'rpm'
  | 'tpm'
  | 'itpm'
  | 'otpm'
  | 'rpd'
  | 'tpd'
  | 'budget_daily'
  | 'budget_monthly'
  | 'request_too_large_for_limit';

/** One account's refusal. `untilMs` is when this reason ends; `null` when only a person or the end of a call ends it. */
export interface Refusal {
  readonly accountId: AccountId;
  readonly reason: RefusalReason;
  readonly untilMs: number | null;
}
