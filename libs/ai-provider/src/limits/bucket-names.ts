import type { LimitedUnit, LimitReading } from '#kernel';
import type { LimitBucket } from './limit-bucket.js';

type Window = LimitReading['window'];

/** `x-ratelimit-limit-<name>` and its sisters: what OpenAI and whoever copies it sends. */
export const named = (unit: LimitedUnit, window: Window, name: string): LimitBucket => ({
  unit,
  window,
  limit: `x-ratelimit-limit-${name}`,
  remaining: `x-ratelimit-remaining-${name}`,
  reset: `x-ratelimit-reset-${name}`,
});

/** `<prefix>-limit` and its sisters. */
export const prefixed = (unit: LimitedUnit, window: Window, prefix: string): LimitBucket => ({
  unit,
  window,
  limit: `${prefix}-limit`,
  remaining: `${prefix}-remaining`,
  reset: `${prefix}-reset`,
});
