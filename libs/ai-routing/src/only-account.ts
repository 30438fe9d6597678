import type { AnswerHeaders } from '#ai-provider';
import type { CallTrail } from './call-trail.js';

const accountIds = /\b(?:org|proj|acct|user)[-_][A-Za-z0-9]{6,}/g;

/** An answer to hand to the caller. */
interface OwnWord {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/**
 * A pool of one account has no other to turn to, so its caller gets the provider's own 429, which says most, without
 * the ids of the organisation it names.
 *
 * @returns `null` unless exactly one account exists for the call, it was tried, and it answered 429 in JSON
 */
export function ownWordOfOnlyAccount(trail: CallTrail, nowMs: number): OwnWord | null {
  const [refusal] = trail.refusals;
  const failed = trail.lastFailure;
  if (failed?.answer?.status !== 429 || failed.failure.class !== 'rate_limited') return null;
  if (trail.attempts.length !== 1 || trail.refusals.length !== 1 || refusal === undefined) return null;
  const [only, another] = refusal.refusals;
  if (only === undefined || another !== undefined) return null;
  const text = failed.answer.body.toString('utf8');
  if (!text.startsWith('{')) return null;
  const untilMs = refusal.earliestMs ?? nowMs + (failed.failure.retryAfterMs ?? 1000);
  const retryAfter = String(Math.max(1, Math.ceil((untilMs - nowMs) / 1000)));
  return {
    status: 429,
    headers: { ...failed.answer.headers, 'retry-after': retryAfter },
    body: Buffer.from(text.replace(accountIds, '[redacted]')),
  };
}
