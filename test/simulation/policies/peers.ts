import { Dice } from '../engine/dice.js';
import type { AccountTruth } from '../provider/account-truth.js';
import type { EventQueue } from '../engine/event-queue.js';
import type { CallEnd, Pick, Policy, Seeker } from './policy.js';

/** What gateways in the field keep of an account. */
interface PeerAccount {
  readonly id: string;
  readonly tpm: number;
  readonly rpm: number;
  inFlight: number;
  coolingUntilMs: number;
  lastTurn: number;
  minute: number;
  tokensThisMinute: number;
  requestsThisMinute: number;
}

/** How such a gateway ranks accounts: the least wins, `null` is out. */
interface PeerRule {
  readonly name: string;
  /** Rest after a failure without a hint; `obeysHints` says whether a hint replaces it. */
  readonly restMs: number;
  readonly obeysHints: boolean;
  readonly rank: (account: PeerAccount, tokens: number, dice: Dice) => number | null;
}

const retries = 3;
const guessedAnswer = 250;

/** The usual policies, as their documentation describes them. */
export const peerRules: readonly PeerRule[] = [
  { name: 'random', restMs: 5_000, obeysHints: true, rank: (_account, _tokens, dice) => dice.next() },
  { name: 'ring, 5 min', restMs: 300_000, obeysHints: false, rank: ({ lastTurn }) => lastTurn },
  {
    name: 'least-busy',
    restMs: 5_000,
    obeysHints: true,
    rank: ({ inFlight }, _, dice) => inFlight + dice.next(),
  },
  { name: 'headroom', restMs: 5_000, obeysHints: true, rank: usedShare },
];

function usedShare(
  { tokensThisMinute, requestsThisMinute, tpm, rpm }: PeerAccount,
  tokens: number,
): number | null {
  const share = Math.max((tokensThisMinute + tokens) / tpm, (requestsThisMinute + 1) / rpm);
  return share > 1 ? null : share;
}

/** A policy as peers have it: local counters per calendar minute, a fixed rest after a failure, three retries. */
export class PeerPolicy implements Policy {
  readonly name: string;
  readonly mostRetries = retries;
  private readonly accounts: readonly PeerAccount[];
  private readonly dice: Dice;
  private turn = 0;

  constructor(
    private readonly rule: PeerRule,
    private readonly events: EventQueue,
    truths: readonly AccountTruth[],
    seed: number,
  ) {
    this.name = rule.name;
    this.dice = new Dice(seed, rule.name);
    this.accounts = truths.map(({ id, limits }) => ({
      id,
      tpm: limits.tpm ?? Infinity,
      rpm: limits.rpm ?? Infinity,
      inFlight: 0,
      coolingUntilMs: 0,
      lastTurn: 0,
      minute: 0,
      tokensThisMinute: 0,
      requestsThisMinute: 0,
    }));
  }

  seek(seeker: Seeker): void {
    const { call, tried } = seeker;
    const { nowMs } = this.events;
    const tokens = call.estimatedInputTokens + Math.min(guessedAnswer, call.maxOutputTokens ?? Infinity);
    let best: PeerAccount | null = null;
    let least = Infinity;
    for (const account of this.accounts) {
      if (account.coolingUntilMs > nowMs || tried.has(account.id)) continue;
      turnMinute(account, nowMs);
      const rank = this.rule.rank(account, tokens, this.dice);
      if (rank === null || rank >= least) continue;
      best = account;
      least = rank;
    }
    if (best === null) return seeker.refused(null);
    best.inFlight += 1;
    best.lastTurn = this.turn += 1;
    best.tokensThisMinute += tokens;
    best.requestsThisMinute += 1;
    seeker.picked({ accountId: best.id });
  }

  hear(): void {}

  settle({ accountId }: Pick, end: CallEnd): void {
    const { nowMs } = this.events;
    const account = this.accounts.find(({ id }) => id === accountId) as PeerAccount;
    account.inFlight -= 1;
    if (end.kind === 'served') return;
    const hintMs = this.rule.obeysHints ? end.failure.retryAfterMs : null;
    account.coolingUntilMs = nowMs + (hintMs ?? this.rule.restMs);
  }

  leftovers(): string[] {
    return this.accounts.flatMap(({ id, inFlight }) =>
      inFlight === 0 ? [] : [`${id}: ${inFlight} in flight`],
    );
  }
}

function turnMinute(account: PeerAccount, nowMs: number): void {
  const minute = Math.floor(nowMs / 60_000);
  if (minute === account.minute) return;
  account.minute = minute;
  account.tokensThisMinute = 0;
  account.requestsThisMinute = 0;
}
