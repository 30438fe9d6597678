import type { AccountId } from '#kernel';
import type { AccountLimits, HumanState, MachineState, ModelRules } from '#pool-core';
import { showBudget, type BudgetView } from '../domain/account-budget.js';
import { currentHumanState } from '../domain/human-state.js';
import type { NotedAllowance } from '../scheduling/account-allowances.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';

/** An account as the admin API shows it: everything but its credential. */
export interface AccountView {
  readonly id: AccountId;
  /** Name of its pool. */
  readonly provider: string;
  /** `environment`: read-only here. */
  readonly source: 'database' | 'environment';
  readonly name: string;
  readonly weight: number;
  readonly tier: number;
  /** Whether people have it turned on. */
  readonly enabled: boolean;
  readonly state: AccountStateView;
  readonly limits: AccountLimits;
  /** What the provider said last of limits that no account is chosen by, as this process heard it. */
  readonly allowances: readonly AllowanceView[];
  readonly budget: BudgetView;
  /** What a call costs here relative to the list price. */
  readonly costFactor: number;
  /** `null` when its limits are its own. */
  readonly quotaGroupId: string | null;
  readonly models: ModelRules;
  readonly tags: Readonly<Record<string, string>>;
  readonly notes: string;
  readonly credentialPreview: string | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly version: number;
}

/** An allowance, its instants as dates. */
export interface AllowanceView extends Omit<NotedAllowance, 'resetAtMs' | 'atMs'> {
  readonly resetAt: Date | null;
  readonly at: Date;
}

/** Who holds an account back, why, and until when. A person's word comes before the machine's. */
export interface AccountStateView {
  readonly human: HumanState['kind'];
  readonly machine: MachineState['kind'];
  /** The reason a person gave, or the id of the rule that moved the machine; `null` when nothing holds it back. */
  readonly reason: string | null;
  readonly until: Date | null;
}

/**
 * Shows an account.
 *
 * @param machine the state of the account as a whole
 * @param allowances what was noted of it
 * @param lastUsedMs as this process knows it; the later of this and the stored one is shown
 */
export function accountView(
  account: PoolAccount,
  machine: MachineState,
  allowances: readonly NotedAllowance[],
  lastUsedMs: number | null,
  nowMs: number,
): AccountView {
  const { spec, provider, source, name, tags, notes, credentialPreview, createdAt, updatedAt, version } =
    account;
  const state = stateView(account, machine, nowMs);
  const storedMs = account.lastUsedAt?.getTime() ?? 0;
  const lastUsedAtMs = Math.max(storedMs, lastUsedMs ?? 0);
  return {
    id: spec.id,
    provider,
    source,
    name,
    weight: spec.weight,
    tier: spec.tier,
    enabled: state.human === 'enabled',
    state,
    limits: spec.limits,
    allowances: allowances.map(({ resetAtMs, atMs, ...told }) => ({
      ...told,
      resetAt: dateOf(resetAtMs),
      at: new Date(atMs),
    })),
    budget: showBudget(spec.budget),
    costFactor: spec.costFactor,
    quotaGroupId: spec.quotaGroup?.id ?? null,
    models: spec.models,
    tags,
    notes,
    credentialPreview,
    lastUsedAt: lastUsedAtMs === 0 ? null : new Date(lastUsedAtMs),
    createdAt,
    updatedAt,
    version,
  };
}

function stateView(account: PoolAccount, machine: MachineState, nowMs: number): AccountStateView {
  const human = currentHumanState(account.spec.human, nowMs);
  const held = account.credentialFault === null ? machineView(machine) : unusable(account.credentialFault);
  if (human.kind === 'enabled') return { human: human.kind, ...held };
  const untilMs = human.kind === 'paused' ? human.untilMs : null;
  return { human: human.kind, machine: held.machine, reason: account.humanReason, until: dateOf(untilMs) };
}

const unusable = (fault: string): Omit<AccountStateView, 'human'> => ({
  machine: 'auth_failed',
  reason: fault,
  until: null,
});

function machineView(machine: MachineState): Omit<AccountStateView, 'human'> {
  return {
    machine: machine.kind,
    reason: 'rule' in machine ? machine.rule : null,
    until: dateOf('untilMs' in machine ? machine.untilMs : null),
  };
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
