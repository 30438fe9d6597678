import type { LimitReading, ProviderFailure, Random, TokenUsage } from '#kernel';
import type { AccountPool } from './account-pool.js';
import type { CallTokens } from './ask.js';
import { applyFailure } from './failure-effects.js';
import { learnFromHeaders } from './rate-window/header-feedback.js';
import { release } from './reservation.js';
import type { Reservation } from './reservation.js';
import { transitionsOf } from './transition.js';
import type { Transition } from './transition.js';

/** What became of a call. */
export type Outcome =
  | {
      readonly kind: 'succeeded';
      /** Real usage; `null` when the provider told none: the estimate then stands. */
      readonly tokens: TokenUsage | null;
      readonly limits: readonly LimitReading[];
    }
  | {
      readonly kind: 'failed';
      readonly failure: ProviderFailure;
      readonly tokens: TokenUsage | null;
      readonly limits: readonly LimitReading[];
    }
  /** The caller went away: nobody's failure. */
  | { readonly kind: 'aborted'; readonly tokens: TokenUsage | null };

/**
 * Ends a reservation: gives the slot back, replaces the estimate by what was used, and lets the account learn from
 * the outcome. Idempotent: only the first call counts. Harmless when the account has left the pool.
 *
 * @returns what it changed about the account, for its timeline; empty most of the time
 */
export function settle(
  pool: AccountPool,
  reservation: Reservation,
  outcome: Outcome,
  nowMs: number,
  random: Random,
): readonly Transition[] {
  if (reservation.isSettled) return nothingChanged;
  reservation.isSettled = true;
  pool.openReservations.delete(reservation);

  const { account, model } = reservation;
  const wasProbe = account.standing.isProbe(reservation);
  const wasModelProbe = account.standingOf(model)?.isProbe(reservation) ?? false;
  const used = usedTokens(reservation, outcome);
  release(reservation, used, nowMs);
  if (outcome.kind === 'aborted') return nothingChanged;
  learnFromHeaders(reservation, used, outcome.limits, nowMs);

  if (outcome.kind === 'failed') {
    const { failure, limits } = outcome;
    const event = { account, model, failure, limits, begunMs: reservation.takenAtMs, wasProbe };
    return transitionsOf(account, model, failure.rule, nowMs, () =>
      applyFailure(event, { options: pool.options, nowMs, random }),
    );
  }
  noteSuccess(reservation, nowMs);
  if (!wasProbe && !wasModelProbe) return nothingChanged;
  return transitionsOf(account, model, 'probe.succeeded', nowMs, () => {
    if (wasProbe) account.standing.close(nowMs);
    if (wasModelProbe) account.modelStandings.delete(model);
  });
}

/** Says that the call behind a reservation is still under way. */
export function keepAlive(reservation: Reservation, nowMs: number): void {
  reservation.aliveAtMs = nowMs;
}

/**
 * Settles, as aborted, the reservations whose holders have not been heard of for too long.
 *
 * @param notSinceMs ms since the epoch; those last alive before then expire
 * @returns the expired ones: each is the trace of a caller that forgot to settle
 */
export function expireReservations(pool: AccountPool, notSinceMs: number, nowMs: number): Reservation[] {
  const expired = [...pool.openReservations].filter(({ aliveAtMs }) => aliveAtMs < notSinceMs);
  for (const reservation of expired) {
    settle(pool, reservation, { kind: 'aborted', tokens: null }, nowMs, unused);
  }
  return expired;
}

const nothingChanged: readonly Transition[] = Object.freeze([]);
/** An aborted call changes no state, so no dice are thrown. */
const unused: Random = () => 0.5;

/**
 * What a call is taken to have used when the provider does not say: the estimate when it answered or may have gone on
 * answering, the prompt when the caller left, nothing when the provider refused.
 */
function usedTokens(estimate: CallTokens, outcome: Outcome): CallTokens {
  const { tokens } = outcome;
  if (tokens !== null) return { inputTokens: tokens.input, outputTokens: tokens.output };
  switch (outcome.kind) {
    case 'succeeded':
      return estimate;
    case 'aborted':
      return { inputTokens: estimate.inputTokens, outputTokens: 0 };
    case 'failed':
      return outcome.failure.class === 'timeout' ? estimate : noTokensUsed;
  }
}

const noTokensUsed: CallTokens = { inputTokens: 0, outputTokens: 0 };

function noteSuccess({ account, takenAtMs }: Reservation, nowMs: number): void {
  account.sharedLimit.noteSuccess();
  if (takenAtMs >= account.standing.sinceMs) account.calls.record(false, nowMs);
}
