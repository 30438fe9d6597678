export { UsageRecorder } from './usage-record.js';
export type { UsageAttempt, UsageRecord } from './usage-record.js';
export { priceOf } from './domain/token-price.js';
export { costOf } from './domain/rate.js';
export { UsageReports } from './usage-reports.js';
export type { AccountCost } from './usage-reports.js';
export { usageDimensions } from './usage-report.js';
export type {
  UsageDimension,
  UsageFilter,
  UsageRecordView,
  UsageSummaryRequest,
  UsageSummaryRow,
} from './usage-report.js';
export { BillingModule } from './billing.module.js';
export type { BillingOptions } from './billing.module.js';
