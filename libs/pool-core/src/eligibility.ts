import type { RefusalReason } from './account.js';
import type { Ask } from './ask.js';
import type { Standing } from './circuit-breaker/standing.js';
import { passes } from './passing-reasons.js';
import type { PooledAccount } from './pooled-account.js';
import { limitKinds } from './rate-window/limit-kinds.js';

/** No objection. */
const always = -Infinity;
/** Only an event changes the answer: a person acts, a call ends. */
const never = Infinity;

/** One thing that may stand in the way of a call. */
interface Gate {
  /** From when it lets the call pass if nothing else happens; not after `nowMs` when it does so now. */
  readonly opensAtMs: (account: PooledAccount, ask: Ask, nowMs: number) => number;
  /** What to call it; asked only while it is shut. */
  readonly reason: (account: PooledAccount, ask: Ask, nowMs: number) => RefusalReason;
}

const people: Gate = {
  opensAtMs: (account) => account.peopleAdmitFromMs,
  reason: ({ spec: { human } }) => (human.kind === 'enabled' ? 'disabled' : human.kind),
};
const machine: Gate = {
  opensAtMs: ({ standing, group }, _ask, nowMs) =>
    group === null
      ? standing.admitsFromMs(nowMs)
      : Math.max(standing.admitsFromMs(nowMs), group.standing.admitsFromMs(nowMs)),
  reason: (account, _ask, nowMs) => reasonOfStanding(account.bindingStanding(nowMs), 'circuit_open', nowMs),
};
const sharedLimit: Gate = {
  opensAtMs: (account, _ask, nowMs) => account.sharedLimit.admitsFromMs(nowMs),
  reason: ({ sharedLimit: { isOutage } }) => (isOutage ? 'circuit_open' : 'cooling'),
};
const modelRules: Gate = {
  opensAtMs: (account, ask) => (account.servesModel(ask.model) ? always : never),
  reason: () => 'model_not_allowed',
};
const modelStanding: Gate = {
  opensAtMs: (account, { model }, nowMs) => {
    const own = account.standingOf(model)?.admitsFromMs(nowMs) ?? always;
    return account.group === null
      ? own
      : Math.max(own, account.group.standingOf(model)?.admitsFromMs(nowMs) ?? always);
  },
  reason: (account, { model }, nowMs) => {
    const standing = account.bindingModelStandings(nowMs).get(model);
    return standing === undefined
      ? 'model_unavailable'
      : reasonOfStanding(standing, 'model_unavailable', nowMs);
  },
};
const notTried: Gate = {
  opensAtMs: (account, ask) => (ask.exclude.size > 0 && ask.exclude.has(account.id) ? never : always),
  reason: () => 'already_tried',
};
const freeSlot: Gate = {
  opensAtMs: ({ inFlight, slots, group }) =>
    inFlight < slots && (group === null || group.inFlight < group.slots) ? always : never,
  reason: () => 'concurrency',
};
const rateWindows: Gate = {
  opensAtMs: ({ buckets, group }, ask, nowMs) =>
    group === null
      ? buckets.allAdmitFromMs(ask, nowMs)
      : Math.max(buckets.allAdmitFromMs(ask, nowMs), group.buckets.allAdmitFromMs(ask, nowMs)),
  reason: reasonOfWindows,
};
const budget: Gate = {
  opensAtMs: (account, ask, nowMs) => account.budget.admitsFromMs(account.costOf(ask), nowMs),
  reason: (account, ask, nowMs) => account.budget.bindingBound(account.costOf(ask), nowMs),
};
const credential: Gate = {
  opensAtMs: ({ spec }) => (spec.credentialUsable ? always : never),
  reason: () => 'credential_unusable',
};

/** In the order in which people should hear of them: first what holds for any ask, and of that first what does not pass by itself. */
const gates = [
  people,
  credential,
  machine,
  modelRules,
  modelStanding,
  sharedLimit,
  notTried,
  freeSlot,
  rateWindows,
  budget,
] as const;

/** From when an account admits an ask if nothing else happens; not after `nowMs` when it does so now. */
export function admissibleFromMs(account: PooledAccount, ask: Ask, nowMs: number): number {
  let fromMs = always;
  for (const gate of gates) fromMs = Math.max(fromMs, gate.opensAtMs(account, ask, nowMs));
  return fromMs;
}

/** Whether an account admits an ask now. */
export function isAdmissible(account: PooledAccount, ask: Ask, nowMs: number): boolean {
  return account.servesModel(ask.model) && servesNow(account, ask, nowMs);
}

/**
 * As {@link isAdmissible}, of an account that serves the model by its rules. The gates by name, the cheap and likely refusals
 * first: a loop over them would cost five times as much, and every pick asks.
 */
export function servesNow(account: PooledAccount, ask: Ask, nowMs: number): boolean {
  return (
    machine.opensAtMs(account, ask, nowMs) <= nowMs &&
    freeSlot.opensAtMs(account, ask, nowMs) <= nowMs &&
    rateWindows.opensAtMs(account, ask, nowMs) <= nowMs &&
    budget.opensAtMs(account, ask, nowMs) <= nowMs &&
    notTried.opensAtMs(account, ask, nowMs) <= nowMs &&
    modelStanding.opensAtMs(account, ask, nowMs) <= nowMs &&
    sharedLimit.opensAtMs(account, ask, nowMs) <= nowMs &&
    (account.isInService || isPutInService(account, ask, nowMs))
  );
}

function isPutInService(account: PooledAccount, ask: Ask, nowMs: number): boolean {
  return people.opensAtMs(account, ask, nowMs) <= nowMs && credential.opensAtMs(account, ask, nowMs) <= nowMs;
}

/** Whether an account admits an ask now, its limits per time apart. */
export function isAdmissibleButForLimits(account: PooledAccount, ask: Ask, nowMs: number): boolean {
  return gates.every((gate) => gate === rateWindows || gate.opensAtMs(account, ask, nowMs) <= nowMs);
}

/** What stands in the way of an ask first, and until when; `null` when nothing does. */
export function firstObstacle(
  account: PooledAccount,
  ask: Ask,
  nowMs: number,
): { readonly reason: RefusalReason; readonly untilMs: number | null } | null {
  for (const gate of gates) {
    const opensAtMs = gate.opensAtMs(account, ask, nowMs);
    if (opensAtMs > nowMs)
      return { reason: gate.reason(account, ask, nowMs), untilMs: instantOrNull(opensAtMs) };
  }
  return null;
}

/**
 * Whether an account may come to serve an ask by itself, or does so now: what stands in the way first passes in time, or when a
 * call ends.
 */
export function comesToServe(account: PooledAccount, ask: Ask, nowMs: number): boolean {
  for (const gate of gates) {
    if (gate.opensAtMs(account, ask, nowMs) > nowMs) return passes(gate.reason(account, ask, nowMs));
  }
  return true;
}

/** An instant as people are told it: `null` when time alone does not bring it. */
export function instantOrNull(fromMs: number): number | null {
  return fromMs === never ? null : fromMs;
}

function reasonOfStanding(standing: Standing, whenOpen: RefusalReason, nowMs: number): RefusalReason {
  const { kind } = standing.stateAt(nowMs);
  switch (kind) {
    case 'closed':
    case 'half_open':
      return 'probing';
    case 'open':
      return whenOpen;
    case 'cooling':
    case 'out_of_quota':
    case 'auth_failed':
      return kind;
  }
}

function reasonOfWindows({ windows, group }: PooledAccount, ask: Ask, nowMs: number): RefusalReason {
  for (const window of [...windows.limited, ...(group?.windows.limited ?? [])]) {
    const cost = window.holdOf(ask);
    if (window.admitsFromMs(cost, nowMs) <= nowMs) continue;
    return cost > window.capacityUnits ? 'request_too_large_for_limit' : limitKinds[window.name].reason;
  }
  return 'rpm';
}
