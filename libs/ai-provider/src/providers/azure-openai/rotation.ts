import type { KeyRotation } from '../../contract/provider-adapter.js';

/** Resource manager, `regenerateKey` and `listKeys`: two keys, each made anew in its place. */
export const rotation: KeyRotation = { mint: 'replaces', revoke: true, list: true, slotLimit: 2 };
