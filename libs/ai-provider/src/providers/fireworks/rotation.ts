import type { KeyRotation } from '../../contract/provider-adapter.js';

/** `api.fireworks.ai/v1/accounts/{id}/users/{id}/apiKeys`. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: null };
