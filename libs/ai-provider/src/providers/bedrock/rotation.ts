import type { KeyRotation } from '../../contract/provider-adapter.js';

/** IAM, `CreateAccessKey` and for API keys `CreateServiceSpecificCredential`; two of a kind per user. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: 2 };
