export { ChangeFeed } from './change-feed.js';
export type { ChangeTopic } from './change-feed.js';
