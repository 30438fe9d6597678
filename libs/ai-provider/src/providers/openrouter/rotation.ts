import type { KeyRotation } from '../../contract/provider-adapter.js';

/** Provisioning keys, `/api/v1/keys`. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: null };
