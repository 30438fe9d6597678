export { SecretBox } from './secret-box.js';
export type { SealContext, Unreadable } from './secret-box.js';
