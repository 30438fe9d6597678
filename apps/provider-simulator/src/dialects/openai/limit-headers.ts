import type { LimitView } from '../../accounts/quota.js';
import type { LimitName } from '../../scenario/limits.js';
import { goDuration } from '../durations.js';

/** `x-ratelimit-{limit,remaining,reset}-<what>` with Go durations. */
export function limitHeaders(what: string, view: LimitView | undefined): Record<string, string> {
  if (view === undefined) return {};
  return {
    [`x-ratelimit-limit-${what}`]: String(view.limit),
    [`x-ratelimit-remaining-${what}`]: String(view.remaining),
    [`x-ratelimit-reset-${what}`]: goDuration(view.fullInMs),
  };
}

/** The first of these limits that is set. */
export function firstOf(limits: readonly LimitView[], ...names: readonly LimitName[]): LimitView | undefined {
  for (const name of names) {
    const view = limits.find((limit) => limit.name === name);
    if (view) return view;
  }
  return undefined;
}

/** OpenAI tells the minute; the day only where it alone is limited. */
export function openAiLimitHeaders(limits: readonly LimitView[]): Record<string, string> {
  return {
    ...limitHeaders('requests', firstOf(limits, 'rpm', 'rpd')),
    ...limitHeaders('tokens', firstOf(limits, 'tpm', 'tpd')),
  };
}
