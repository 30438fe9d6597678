import type { KeyRotation } from '../../contract/provider-adapter.js';

/** Admin API of the organisation, `console.mistral.ai/api/admin`, with a key of its own. */
export const rotation: KeyRotation = { mint: 'adds', revoke: true, list: true, slotLimit: null };
