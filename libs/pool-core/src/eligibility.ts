import type { RefusalReason } from './account.js';
import type { Ask } from './ask.js';
import type { Standing } from './circuit-breaker/standing.js';
import type { PooledAccount } from './pooled-account.js';
import { costOf } from './rate-window/account-windows.js';

/** No objection. */
const always = -Infinity;
/** Only an event changes the answer: a person acts, a call ends. */
const never = Infinity;

/** One thing that may stand in the way of a call. */
interface Gate {
  /** From when it lets the call pass if nothing else happens; not after `nowMs` when it does so now. */
  opensAtMs(account: PooledAccount, ask: Ask, nowMs: number): number;
  /** What to call it; asked only when it is shut. */
  reason(account: PooledAccount, ask: Ask, nowMs: number): RefusalReason;
}

/** In the order in which people should hear of them. */
const gates: readonly Gate[] = [
  {
    opensAtMs({ spec: { human } }) {
      if (human.kind === 'enabled') return always;
      return human.kind === 'paused' ? (human.untilMs ?? never) : never;
    },
    reason({ spec: { human } }) {
      return human.kind === 'enabled' ? 'disabled' : human.kind;
    },
  },
  {
    opensAtMs: ({ standing }, _ask, nowMs) => standing.admitsFromMs(nowMs),
    reason: ({ standing }, _ask, nowMs) => reasonOfStanding(standing, 'circuit_open', nowMs),
  },
  {
    opensAtMs: ({ sharedLimit }, _ask, nowMs) => sharedLimit.admitsFromMs(nowMs),
    reason: () => 'cooling',
  },
  {
    opensAtMs: (account, ask) => (account.servesModel(ask.model) ? always : never),
    reason: () => 'model_not_allowed',
  },
  {
    opensAtMs: (account, ask, nowMs) => account.standingOf(ask.model)?.admitsFromMs(nowMs) ?? always,
    reason: (account, ask, nowMs) =>
      reasonOfStanding(account.openStandingOf(ask.model), 'model_unavailable', nowMs),
  },
  {
    opensAtMs: (account, ask) => (ask.exclude.has(account.id) ? never : always),
    reason: () => 'already_tried',
  },
  {
    opensAtMs: ({ inFlight, maxConcurrency }) => (inFlight < maxConcurrency ? always : never),
    reason: () => 'concurrency',
  },
  {
    opensAtMs: ({ windows }, ask, nowMs) => windows.admitsFromMs(ask.inputTokens, ask.outputTokens, nowMs),
    reason: reasonOfWindows,
  },
  {
    opensAtMs: ({ spec }) => (spec.credentialUsable ? always : never),
    reason: () => 'credential_unusable',
  },
];

/** From when an account admits an ask if nothing else happens; not after `nowMs` when it does so now. */
export function admissibleFromMs(account: PooledAccount, ask: Ask, nowMs: number): number {
  let fromMs = always;
  for (const gate of gates) fromMs = Math.max(fromMs, gate.opensAtMs(account, ask, nowMs));
  return fromMs;
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

function reasonOfWindows({ windows }: PooledAccount, ask: Ask, nowMs: number): RefusalReason {
  for (const { name, window } of windows.limited) {
    const cost = costOf(name, ask.inputTokens, ask.outputTokens);
    if (window.admitsFromMs(cost, nowMs) <= nowMs) continue;
    return cost > window.capacityUnits ? 'request_too_large_for_limit' : name;
  }
  return 'rpm';
}
