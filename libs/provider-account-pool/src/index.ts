export type {
  Lease,
  LeaseDecision,
  LeaseOutcome,
  LeaseRequest,
  PlacesDecision,
  PoolRefusal,
  WaitTerms,
} from './contract/lease.js';
export { SpendLedger } from './contract/spend-ledger.js';
export type { AccountSpend } from './contract/spend-ledger.js';
export { ProviderAccountPoolModule } from './provider-account-pool.module.js';
export type {
  ProviderAccountPoolAsyncOptions,
  ProviderAccountPoolSetup,
} from './provider-account-pool.module.js';
export type { ProviderAccountPoolOptions } from './provider-account-pool.options.js';
export { AccountScheduler } from './scheduling/account-scheduler.js';
export { AccountAllowances } from './scheduling/account-allowances.js';
export { AllButOne } from './scheduling/all-but-one.js';
export { ObjectAccounts } from './scheduling/object-accounts.js';
export type { ObjectAccount } from './scheduling/object-accounts.js';
export { PoolForecaster } from './scheduling/pool-forecaster.js';
export type { PoolForecast } from './scheduling/pool-forecaster.js';
export type {
  ExplainedAccount,
  ExplainRequest,
  PoolCapacity,
  PoolExplanation,
  PoolReport,
  WouldAnswer,
} from './scheduling/pool-report.js';
export { ManagedCreditPool } from './static-pool/managed-credit-pool.js';
export { HealthMonitor } from './health/health-monitor.js';
export { PoolEvents } from './health/pool-events.js';
export type { AccountMoved } from './health/pool-events.js';
export type { ProbeReport } from './health/account-prober.js';
export { ProvidersService } from './admin/providers.service.js';
export type { ProviderChange, ProviderDraft } from './admin/providers.service.js';
export type { Provider } from './domain/pool-snapshot.js';
export { poolSettings } from './domain/pool-settings.js';
export type { PoolSetting } from './domain/pool-settings.js';
export { strategyNames } from './domain/strategies.js';
export type { Candidate, SelectionStrategy } from '#pool-core';
export { QuotaGroupsService } from './admin/quota-groups.service.js';
export type { QuotaGroupChange, QuotaGroupDraft, QuotaGroupView } from './domain/quota-group.js';
export { FailureRulesService } from './admin/failure-rules.service.js';
export type { FailureRuleChange, FailureRuleDraft, FailureRuleView } from './domain/failure-rule.js';
export { failureRuleScopes } from './domain/failure-rule.js';
export { AccountsService } from './admin/accounts.service.js';
export { AccountModels } from './admin/account-models.js';
export type { AccountModelsView, ListedModel } from './admin/account-models.js';
export { AccountSearch } from './admin/account-search.js';
export type { AccountSearchResult } from './admin/account-search.js';
export { ModelCatalogue } from './catalogue/model-catalogue.js';
export { AccountControl } from './admin/account-control.js';
export type { PauseRequest } from './admin/account-control.js';
export type { AccountChange, AccountDraft } from './domain/account-draft.js';
export type { AccountFilter } from './admin/account-filter.js';
export type { AccountStateView, AccountView } from './admin/account-view.js';
export type { TimelineEvent, TimelineKind } from './domain/timeline.js';
