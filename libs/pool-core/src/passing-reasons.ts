import type { RefusalReason } from './account.js';

const passing: Readonly<Record<RefusalReason, boolean>> = {
  disabled: false,
  paused: false,
  compromised: false,
  credential_unusable: false,
  auth_failed: false,
  cooling: true,
  circuit_open: true,
  probing: true,
  out_of_quota: true,
  model_not_allowed: false,
  model_unavailable: false,
  already_tried: false,
  concurrency: true,
  rpm: true,
  tpm: true,
  itpm: true,
  otpm: true,
  rpd: true,
  tpd: true,
  budget_daily: true,
  budget_monthly: true,
  request_too_large_for_limit: true,
};

/** Whether a reason passes by itself: in time, or when a call ends. The others take a person or another request. */
export const passes = (reason: RefusalReason): boolean => passing[reason];
