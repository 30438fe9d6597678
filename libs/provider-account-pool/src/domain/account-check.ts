import type { AccountLimits, ModelRules } from '#pool-core';
import { budgetFaults } from './account-budget.js';
import type { AccountChange } from './account-draft.js';
import { refuseFaults, type Fault } from './fault.js';
import { given } from './given.js';
import type { QuotaGroupChange } from './quota-group.js';
import { lastDatabaseTier } from './static-accounts.js';

const limitNames = ['rpm', 'tpm', 'itpm', 'otpm', 'rpd', 'tpd', 'maxConcurrency'] as const;
const isLimitName = (name: string): name is keyof AccountLimits =>
  (limitNames as readonly string[]).includes(name);

/** @throws DomainError `invalid_request` listing every fault with its field */
export function checkAccount(change: AccountChange): void {
  refuseFaults([
    ...textFaults(change),
    ...numberFaults(change),
    ...limitFaults(change.limits ?? {}),
    ...budgetFaults({ ...change.budget }),
    ...modelFaults(change.models ?? {}),
    ...tagFaults(change.tags ?? {}),
  ]);
}

/** @throws DomainError `invalid_request` listing every fault with its field */
export function checkQuotaGroup({ name, limits, notes }: QuotaGroupChange): void {
  refuseFaults([...nameFaults('name', name), ...limitFaults(limits ?? {}), ...noteFaults(notes)]);
}

/** @returns what is wrong with a name, as the fault of `field` */
export function nameFaults(field: string, name: string | undefined): readonly Fault[] {
  if (name === undefined) return [];
  const fine = name.length >= 1 && name.length <= 200 && name.trim() === name;
  return fine ? [] : [{ field, message: 'must have 1 to 200 characters and no space around it' }];
}

function textFaults({ name, credential, notes }: AccountChange): readonly Fault[] {
  const faults = [...nameFaults('name', name), ...noteFaults(notes)];
  if (credential !== undefined && (credential.trim() === '' || credential.length > 16_384)) {
    faults.push({ field: 'credential', message: 'must have 1 to 16384 characters' });
  }
  return faults;
}

function noteFaults(notes: string | null | undefined): readonly Fault[] {
  return (notes ?? '').length <= 4000
    ? []
    : [{ field: 'notes', message: 'must have at most 4000 characters' }];
}

function numberFaults({ weight, tier, costFactor }: AccountChange): readonly Fault[] {
  const faults: Fault[] = [];
  if (weight !== undefined && !(weight > 0 && weight <= 1e6)) {
    faults.push({ field: 'weight', message: 'must be above 0 and at most 1000000' });
  }
  if (tier !== undefined && !(Number.isInteger(tier) && tier >= 1 && tier <= lastDatabaseTier)) {
    faults.push({ field: 'tier', message: `must be a whole number from 1 to ${lastDatabaseTier}` });
  }
  const isFactor = typeof costFactor === 'number' && costFactor >= 0 && costFactor <= 1000;
  if (costFactor !== undefined && !isFactor) {
    faults.push({ field: 'costFactor', message: 'must be from 0 to 1000' });
  }
  return faults;
}

function limitFaults(limits: Partial<AccountLimits>): readonly Fault[] {
  return Object.entries(given(limits)).flatMap(([name, value]) => {
    const field = `limits.${name}`;
    if (!isLimitName(name)) return [{ field, message: `is unknown; there are ${limitNames.join(', ')}` }];
    const fine =
      value === null || value === undefined || (Number.isInteger(value) && value > 0 && value <= 1e12);
    return fine ? [] : [{ field, message: 'must be a whole number above 0, or null' }];
  });
}

function modelFaults(models: Partial<ModelRules>): readonly Fault[] {
  return (['allow', 'deny'] as const).flatMap((list) => {
    const patterns = models[list] ?? [];
    const fine = patterns.length <= 500 && patterns.every((text) => text.length >= 1 && text.length <= 200);
    return fine
      ? []
      : [{ field: `models.${list}`, message: 'must hold at most 500 names of 1 to 200 characters' }];
  });
}

function tagFaults(tags: Readonly<Record<string, string>>): readonly Fault[] {
  const entries = Object.entries(tags);
  const fine = entries.length <= 50 && entries.every(([key, value]) => isTagText(key) && isTagText(value));
  return fine ? [] : [{ field: 'tags', message: 'must be at most 50 texts of 1 to 200 characters by key' }];
}

const isTagText = (text: unknown): boolean =>
  typeof text === 'string' && text.length >= 1 && text.length <= 200;
