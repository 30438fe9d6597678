export { UsageRecorder } from './usage-record.js';
export type { UsageAttempt, UsageRecord } from './usage-record.js';
