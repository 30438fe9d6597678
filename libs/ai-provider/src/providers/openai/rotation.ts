import type { KeyRotation } from '../../contract/provider-adapter.js';

/** Admin API: a service account per generation of a key, `/organization/projects/{id}/service_accounts`. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: null };
