import type { AccountEntity } from './account.entity.js';
import type { FailureRuleEntity } from './failure-rule.entity.js';
import type { ProviderEntity } from './provider.entity.js';
import type { QuotaGroupEntity } from './quota-group.entity.js';

/** Fields of an account that may stand in the audit log. Notes may not: people write anything into them. */
export const accountFields = [
  'providerId',
  'name',
  'weight',
  'tier',
  'humanState',
  'humanUntil',
  'humanReason',
  'limits',
  'quotaGroupId',
  'dailyBudgetNanoUsd',
  'monthlyBudgetNanoUsd',
  'costFactor',
  'models',
  'tags',
] as const satisfies readonly (keyof AccountEntity)[];

/** Fields of a provider that may stand in the audit log. */
export const providerFields = [
  'name',
  'kind',
  'baseUrl',
  'strategy',
  'settings',
] as const satisfies readonly (keyof ProviderEntity)[];

/** Fields of a quota group that may stand in the audit log. */
export const quotaGroupFields = [
  'providerId',
  'name',
  'limits',
] as const satisfies readonly (keyof QuotaGroupEntity)[];

/** Fields of a failure rule that may stand in the audit log. */
export const failureRuleFields = [
  'providerId',
  'name',
  'match',
  'class',
  'scope',
  'cooldownSeconds',
  'enabled',
  'position',
] as const satisfies readonly (keyof FailureRuleEntity)[];
