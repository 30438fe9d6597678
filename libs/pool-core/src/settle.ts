import type { LimitReading, ProviderFailure, Random, TokenUsage } from '#kernel';
import type { AccountPool } from './account-pool.js';
import type { CallTokens } from './ask.js';
import { applyFailure } from './failure-effects.js';
import type { Reservation } from './reservation.js';
import { concernedBy, transitionsOf } from './transition.js';
import type { Transition } from './transition.js';

/** What became of a call. */
export type Outcome =
  | {
      readonly kind: 'succeeded';
      /** Real usage; `null` when the provider told none: the estimate then stands. */
      readonly tokens: TokenUsage | null;
      readonly limits: readonly LimitReading[];
      /** From sending to the first byte of the answer, ms, >= 0; `null` when nobody measured it. */
      readonly firstByteMs: number | null;
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

  const used = usedTokens(reservation, outcome);
  reservation.settleUsage(used, outcome.tokens, nowMs);
  if (outcome.kind === 'succeeded' && used !== null) pool.noteUsed(reservation, used, nowMs);
  const transitions =
    outcome.kind === 'aborted' ? nothingChanged : learn(pool, reservation, outcome, used, nowMs, random);
  reservation.end();
  pool.commonLimits.noteEnd(reservation);
  if (outcome.kind === 'failed') pool.noteFailure(reservation.account, reservation.group);
  else pool.noteChange(reservation.account, reservation.group);
  return transitions;
}

/**
 * Takes in what the head of an answer says of limits, while the rest of it is still to come: a stream's end may be a
 * minute away. Its end then has nothing to add. Without readings, and once the call has ended, nothing happens.
 */
export function noteLimits(
  pool: AccountPool,
  reservation: Reservation,
  readings: readonly LimitReading[],
  nowMs: number,
): void {
  if (reservation.isSettled || readings.length === 0) return;
  reservation.learnLimits(readings, 'under way', nowMs);
  pool.noteAnswer(reservation, readings, nowMs);
  pool.noteChange(reservation.account, reservation.group);
}

/** Says that the call behind a reservation is still under way. Costs nothing: the next sweep notes when. */
export function keepAlive(reservation: Reservation): void {
  reservation.hasSignOfLife = true;
}

/**
 * Settles, as aborted, the reservations whose holders have not been heard of for too long.
 *
 * @param notSinceMs ms since the epoch; those last alive before then expire
 * @returns the expired ones: each is the trace of a caller that forgot to settle
 */
export function expireReservations(pool: AccountPool, notSinceMs: number, nowMs: number): Reservation[] {
  for (const reservation of pool.openReservations) reservation.noteLife(nowMs);
  const expired = [...pool.openReservations].filter(({ aliveAtMs }) => aliveAtMs < notSinceMs);
  for (const reservation of expired) {
    settle(pool, reservation, { kind: 'aborted', tokens: null }, nowMs, unused);
  }
  return expired;
}

const nothingChanged: readonly Transition[] = Object.freeze([]);
/** An aborted call changes no state, so no dice are thrown. */
const unused: Random = () => 0.5;

/** Lets limits, circuit and cool-downs learn from an outcome, while it still shows whether the call was a probe. */
function learn(
  pool: AccountPool,
  reservation: Reservation,
  outcome: Exclude<Outcome, { kind: 'aborted' }>,
  used: CallTokens | null,
  nowMs: number,
  random: Random,
): readonly Transition[] {
  const { limits } = outcome;
  if (limits.length > 0) reservation.learnLimits(limits, used, nowMs);
  if (outcome.kind === 'failed') return noteFailure(pool, reservation, outcome, nowMs, random);
  const { account, group, model } = reservation;
  if (limits.length > 0) pool.noteAnswer(reservation, limits, nowMs);
  else (group ?? account).silentLimit.notePassed(used ?? noTokensUsed, nowMs);
  if (outcome.firstByteMs !== null) pool.noteFirstByte(account, model, outcome.firstByteMs, nowMs);
  return noteSuccess(reservation, nowMs);
}

function noteFailure(
  pool: AccountPool,
  reservation: Reservation,
  { failure, limits }: Extract<Outcome, { kind: 'failed' }>,
  nowMs: number,
  random: Random,
): readonly Transition[] {
  const { account, group, model, takenAtMs } = reservation;
  const event = { account, group, model, failure, limits, begunMs: takenAtMs, call: reservation };
  return transitionsOf(concernedBy(account, group), model, failure.rule, nowMs, () =>
    applyFailure(event, { options: pool.options, nowMs, random }),
  );
}

function noteSuccess(reservation: Reservation, nowMs: number): readonly Transition[] {
  const { account, group, model, takenAtMs } = reservation;
  account.sharedLimit.noteSuccess(takenAtMs, nowMs);
  if (takenAtMs >= account.standing.sinceMs) account.calls.record(false, nowMs, takenAtMs);
  const isProbe = account.isProbe(reservation, model) || group?.isProbe(reservation, model) === true;
  return isProbe ? noteProbePassed(reservation, nowMs) : nothingChanged;
}

function noteProbePassed(reservation: Reservation, nowMs: number): readonly Transition[] {
  const { account, group, model } = reservation;
  return transitionsOf(concernedBy(account, group), model, 'probe.succeeded', nowMs, () => {
    account.noteProbePassed(reservation, model, nowMs);
    group?.noteProbePassed(reservation, model, nowMs);
  });
}

/**
 * What a call is taken to have used when the provider does not say: the estimate when it answered or may have gone on
 * answering, the prompt when the caller left, no tokens when the provider refused, and not even a request when it did so
 * for its rate.
 *
 * @returns `null` when the provider did not count the call
 */
function usedTokens(estimate: CallTokens, outcome: Outcome): CallTokens | null {
  const { tokens } = outcome;
  if (tokens !== null) return { inputTokens: tokens.input, outputTokens: tokens.output };
  switch (outcome.kind) {
    case 'succeeded':
      return estimate;
    case 'aborted':
      return { inputTokens: estimate.inputTokens, outputTokens: 0 };
    case 'failed':
      if (outcome.failure.class === 'rate_limited') return null;
      return outcome.failure.class === 'timeout' ? estimate : noTokensUsed;
  }
}

const noTokensUsed: CallTokens = { inputTokens: 0, outputTokens: 0 };
