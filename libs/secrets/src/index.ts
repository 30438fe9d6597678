export { SecretBox } from './secret-box.js';
export type { SealContext, Unreadable } from './secret-box.js';
export { KeyPeppers } from './key-peppers.js';
export { KeyCanary } from './key-canary.js';
export type { KeyCheck } from './key-canary.js';
export { SecretsModule } from './secrets.module.js';
export type { SecretsAsyncOptions, SecretsOptions } from './secrets.module.js';
