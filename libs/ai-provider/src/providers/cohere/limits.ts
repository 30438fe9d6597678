import type { LimitBucket } from '../../limits/limit-bucket.js';

/** Told to trial keys alone: calls per minute of one endpoint, and per month of all. */
export const limits: readonly LimitBucket[] = [
  {
    unit: 'requests',
    window: 'minute',
    limit: 'x-trial-endpoint-call-limit',
    remaining: 'x-trial-endpoint-call-remaining',
    reset: null,
  },
  {
    unit: 'requests',
    window: 'month',
    limit: 'x-endpoint-monthly-call-limit',
    remaining: null,
    reset: null,
  },
];
