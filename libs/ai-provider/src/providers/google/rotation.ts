import type { KeyRotation } from '../../contract/provider-adapter.js';

/** API Keys API, `apikeys.googleapis.com/v2/projects/{id}/locations/global/keys`; 300 keys per project. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: 300 };
