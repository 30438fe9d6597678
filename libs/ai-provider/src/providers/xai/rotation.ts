import type { KeyRotation } from '../../contract/provider-adapter.js';

/** Management API, `management-api.x.ai/auth/teams/{id}/api-keys`. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: null };
