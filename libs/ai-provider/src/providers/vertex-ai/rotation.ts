import type { KeyRotation } from '../../contract/provider-adapter.js';

/** IAM API, `serviceAccounts.keys`; ten keys per service account. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: 10 };
