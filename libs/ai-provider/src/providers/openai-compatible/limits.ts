import type { LimitReading } from '#kernel';
import type { AnswerHeaders } from '../../contract/provider-adapter.js';
import { named, prefixed } from '../../limits/bucket-names.js';
import { readInstant } from '../../limits/clock-text.js';
import { headerText } from '../../limits/limit-bucket.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** The window is in the name. */
export const windowedLimits: readonly LimitBucket[] = [
  named('requests', 'minute', 'req-minute'),
  named('requests', 'minute', 'requests-minute'),
  named('requests', 'hour', 'requests-hour'),
  named('requests', 'day', 'requests-day'),
  named('tokens', 'minute', 'tokens-minute'),
  named('tokens', 'hour', 'tokens-hour'),
  named('tokens', 'day', 'tokens-day'),
  named('tokens', 'month', 'tokens-month'),
];

/** One bucket of requests without a window: `x-ratelimit-*`, and `ratelimit-*` of the early IETF drafts. */
export const plainLimits: readonly LimitBucket[] = [
  prefixed('requests', null, 'x-ratelimit'),
  prefixed('requests', null, 'ratelimit'),
];

/** An unknown server may speak any of these. */
export const anyLimits: readonly LimitBucket[] = [
  named('requests', null, 'requests'),
  named('tokens', null, 'tokens'),
  ...windowedLimits,
  named('input_tokens', 'minute', 'tokens-prompt'),
  named('output_tokens', 'minute', 'tokens-generated'),
  ...plainLimits,
];

const windowOfSeconds: Readonly<Record<string, LimitReading['window']>> = {
  1: 'second',
  60: 'minute',
  3600: 'hour',
  86400: 'day',
};

/** Reads `ratelimit: "default";r=50;t=30` with `ratelimit-policy: "default";q=100;w=60` of the later IETF drafts. */
export function readDraftLimit(headers: AnswerHeaders, nowMs: number): readonly LimitReading[] {
  const state = headerText(headers, 'ratelimit');
  const remaining = /;\s*r=(\d+)/.exec(state ?? '')?.[1];
  if (remaining === undefined) return [];
  const reset = /;\s*t=(\d+)/.exec(state ?? '')?.[1];
  const policy = headerText(headers, 'ratelimit-policy') ?? '';
  const quota = /;\s*q=(\d+)/.exec(policy)?.[1];
  const window = /;\s*w=(\d+)/.exec(policy)?.[1];
  return [
    {
      unit: 'requests',
      window: windowOfSeconds[window ?? ''] ?? null,
      limit: quota === undefined ? null : Number(quota),
      remaining: Number(remaining),
      resetAtMs: reset === undefined ? null : readInstant(reset, nowMs),
    },
  ];
}
