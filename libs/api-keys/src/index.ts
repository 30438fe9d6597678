export { ApiKeyVerifier, scopes } from './caller.js';
export type { Caller, Scope } from './caller.js';
