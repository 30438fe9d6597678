import type { LimitView } from '../../accounts/quota.js';
import type { LimitName } from '../../scenario/limits.js';

const headerNames: Partial<Record<LimitName, string>> = {
  rpm: 'requests',
  itpm: 'input-tokens',
  otpm: 'output-tokens',
  tpm: 'tokens',
};

/** Token counts of larger limits are told in thousands. */
function told({ name, limit, remaining }: LimitView): number {
  return name === 'rpm' || limit < 10_000 ? remaining : Math.round(remaining / 1000) * 1000;
}

/** `anthropic-ratelimit-<what>-{limit,remaining,reset}`; the reset is the instant at which all is there again, in RFC 3339. */
export function anthropicLimitHeaders(limits: readonly LimitView[], nowMs: number): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const view of limits) {
    const what = headerNames[view.name];
    if (what === undefined) continue;
    headers[`anthropic-ratelimit-${what}-limit`] = String(view.limit);
    headers[`anthropic-ratelimit-${what}-remaining`] = String(told(view));
    headers[`anthropic-ratelimit-${what}-reset`] = wholeSecond(nowMs + view.fullInMs);
  }
  return headers;
}

/** Anthropic sends no fractions; rounded up, so that nobody comes too early. */
const wholeSecond = (atMs: number) =>
  new Date(Math.ceil(atMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
