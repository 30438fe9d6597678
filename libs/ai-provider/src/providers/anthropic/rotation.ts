import type { KeyRotation } from '../../contract/provider-adapter.js';

/** Admin API, `/v1/organizations/api_keys`: lists keys and turns them off; new ones are made in the console. */
export const rotation: KeyRotation = { mint: null, revoke: true, list: true, slotLimit: null };
