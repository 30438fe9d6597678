import type { FailureClass, LimitReading, ProviderFailure, Random } from '#kernel';
import type { Standing } from './circuit-breaker/standing.js';
import { acceptedAfterMs, believedHintMs, doublingRestMs, openRestMs } from './cooldown/rest.js';
import type { PoolOptions } from './pool-options.js';
import type { PooledAccount, PooledGroup } from './pooled-account.js';
import type { Reservation } from './reservation.js';

/** A failure in the light in which it must be judged. */
export interface FailureEvent {
  readonly account: PooledAccount;
  /** The group whose limits the call was charged to. */
  readonly group: PooledGroup | null;
  /** `null` for a test of the account that was no call. */
  readonly model: string | null;
  readonly failure: ProviderFailure;
  readonly limits: readonly LimitReading[];
  /** When the failed call began, ms since the epoch. */
  readonly begunMs: number;
  /** `null` for a test of the account that was no call. */
  readonly call: Reservation | null;
}

/** What else the judgement depends on. */
export interface Circumstances {
  readonly options: PoolOptions;
  readonly nowMs: number;
  readonly random: Random;
}

type Effect = (event: FailureEvent, circumstances: Circumstances) => void;

/** What each class of failure does to the account it was met on. Total: a new class without an effect does not compile. */
const effects: Record<FailureClass, Effect> = {
  rate_limited: coolDown,
  quota_exhausted: restUntilQuota,
  authentication: lockOut,
  permission: countPermissionFailure,
  model_unavailable: withdrawModel,
  overloaded: countFailure,
  server_error: countFailure,
  timeout: countFailure,
  transport: countFailure,
  unknown: countFailure,
  invalid_request: none,
  context_length: none,
  content_policy: none,
  payload_too_large: none,
  not_found: none,
  conflict: none,
};

/** Lets a failure take its effect on the account it was met on. News older than the account's recovery has none. */
export function applyFailure(event: FailureEvent, circumstances: Circumstances): void {
  const { account, begunMs, failure } = event;
  if (isNobodysFault(failure) || isForgiven(account.standing, begunMs)) return;
  if (isForgiven(quotaInScope(event).standing, begunMs)) return;
  effects[failure.class](event, circumstances);
}

/** This one request did not fit (too large for the limit), or our own place is refused: no account could help it. */
function isNobodysFault({ class: failure, scope }: ProviderFailure): boolean {
  return scope === 'request' || (failure === 'permission' && scope === 'provider');
}

function isForgiven(standing: Standing, begunMs: number): boolean {
  return standing.isClosed && begunMs < standing.sinceMs;
}

function none(): void {}

function coolDown(event: FailureEvent, { options, nowMs, random }: Circumstances): void {
  const { account, failure, limits, begunMs } = event;
  const { retryAfterMs, rule, scope } = failure;
  const standing = standingInScope(event);
  const isCalendarLimit = limits.some(isSpentCalendarLimit);
  const isSilent = limits.length === 0 && scope !== 'model_on_account';
  if (!isCalendarLimit && !(isSilent && event.call?.explainsSilence(nowMs))) {
    const news = { account, quota: quotaInScope(event), isShared: scope === 'provider', begunMs };
    const blameless = account.sharedLimit.noteLimited(news, nowMs);
    if (blameless !== null) {
      for (const one of blameless) one.endCoolDowns(rule, nowMs);
      return;
    }
  }
  if (isSilent) event.call?.learnSilence(nowMs);
  const isNews = standing.isClosed || decides(event, standing) || begunMs > standing.sinceMs;
  if (retryAfterMs === null && isNews) standing.coolDowns += 1;
  const { baseMs, maxMs } = options.coolDown;
  const restMs =
    retryAfterMs === null
      ? doublingRestMs(baseMs, maxMs, Math.max(1, standing.coolDowns), random)
      : believedHintMs(retryAfterMs, isCalendarLimit);
  const untilMs = wholeMs(nowMs + restMs);
  standing.takeOut({ kind: 'cooling', untilMs, rule }, nowMs, acceptedAfterMs(nowMs - begunMs));
}

function restUntilQuota(event: FailureEvent, { options, nowMs }: Circumstances): void {
  const { retryAfterMs, rule } = event.failure;
  const restMs = retryAfterMs === null ? options.quotaRestMs : believedHintMs(retryAfterMs, true);
  standingInScope(event).takeOut({ kind: 'out_of_quota', untilMs: wholeMs(nowMs + restMs), rule }, nowMs);
}

function lockOut(event: FailureEvent, { nowMs }: Circumstances): void {
  quotaInScope(event).standing.takeOut({ kind: 'auth_failed', rule: event.failure.rule }, nowMs);
}

function countPermissionFailure(event: FailureEvent, circumstances: Circumstances): void {
  // One model is refused, and not the account.
  if (event.failure.scope === 'model_on_account') return withdrawModel(event, circumstances);
  if (isOldNews(event)) return;
  const { options, nowMs } = circumstances;
  const { permissionFailures, standing } = event.account;
  permissionFailures.record(true, nowMs);
  const tooMany = permissionFailures.failuresAt(nowMs) >= options.breaker.permissionFailures;
  if (tooMany || decides(event, standing)) openCircuit(event, circumstances);
}

function withdrawModel({ account, model, failure }: FailureEvent, { options, nowMs }: Circumstances): void {
  if (model === null) return;
  const untilMs = wholeMs(nowMs + options.modelRestMs);
  account.openStandingOf(model).takeOut({ kind: 'open', untilMs, rule: failure.rule }, nowMs);
}

function countFailure(event: FailureEvent, circumstances: Circumstances): void {
  if (isOldNews(event)) return;
  const { nowMs, options } = circumstances;
  const { account, begunMs, call } = event;
  if (call !== null && account.sharedLimit.noteBroken({ account, begunMs }, nowMs)) return;
  const { minimumCalls, failureRatio } = options.breaker;
  const { calls, standing } = account;
  calls.record(true, nowMs, begunMs);
  const allFail = calls.failuresInARowAt(nowMs) >= minimumCalls;
  const tooMany =
    calls.callsAt(nowMs) >= minimumCalls && calls.failureRatioAt(nowMs, minimumCalls) >= failureRatio;
  if (allFail || tooMany || decides(event, standing)) openCircuit(event, circumstances);
}

function openCircuit({ account, failure }: FailureEvent, { options, nowMs, random }: Circumstances): void {
  const { openMs, maxOpenMs } = options.breaker;
  const { standing } = account;
  standing.openings += 1;
  const restMs = openRestMs(openMs, maxOpenMs, standing.openings, random);
  standing.takeOut({ kind: 'open', untilMs: wholeMs(nowMs + restMs), rule: failure.rule }, nowMs);
  account.calls.clear();
  account.permissionFailures.clear();
}

/** While an account is out, only its probe tells something new. */
function isOldNews(event: FailureEvent): boolean {
  const { standing } = event.account;
  return !standing.isClosed && !decides(event, standing);
}

/** Whether a failure decides what becomes of something half-open. */
function decides({ call }: FailureEvent, standing: Standing): boolean {
  return call === null ? !standing.isClosed : standing.isProbe(call);
}

/** Limits are those of the whole group; anything else only when the provider says so. */
function quotaInScope({ account, group, failure }: FailureEvent): PooledAccount | PooledGroup {
  if (group === null) return account;
  return failure.scope === 'organisation' || failure.class === 'rate_limited' ? group : account;
}

function standingInScope(event: FailureEvent): Standing {
  const { model, failure } = event;
  const quota = quotaInScope(event);
  const modelAlone = failure.scope === 'model_on_account' && model !== null;
  return modelAlone ? quota.openStandingOf(model) : quota.standing;
}

function isSpentCalendarLimit({ window, remaining }: LimitReading): boolean {
  return (window === 'day' || window === 'month') && remaining === 0;
}

/** A rest ends on a whole millisecond, so that "from then on" can be said exactly. */
const wholeMs = (ms: number): number => Math.ceil(ms);
