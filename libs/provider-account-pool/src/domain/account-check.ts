import { DomainError } from '#kernel';
import type { AccountLimits, ModelRules } from '#pool-core';
import type { AccountChange } from './account-draft.js';
import { given } from './given.js';
import { lastDatabaseTier } from './static-accounts.js';

/** One thing wrong with what a person sent. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}

const limitNames = ['rpm', 'tpm', 'itpm', 'otpm', 'rpd', 'tpd', 'maxConcurrency'] as const;
const isLimitName = (name: string): name is keyof AccountLimits =>
  (limitNames as readonly string[]).includes(name);

/** @throws DomainError `invalid_request` listing every fault with its field */
export function checkAccount(change: AccountChange): void {
  const faults = [
    ...unsupportedFaults(change),
    ...textFaults(change),
    ...numberFaults(change),
    ...limitFaults(change.limits ?? {}),
    ...modelFaults(change.models ?? {}),
    ...tagFaults(change.tags ?? {}),
  ];
  refuseFaults(faults);
}

/** @throws DomainError `invalid_request` when there are any faults */
export function refuseFaults(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  const message = `${first.field} ${first.message}.`;
  throw new DomainError('invalid_request', message, { field: first.field, faults });
}

/** @returns what is wrong with a name, as the fault of `field` */
export function nameFaults(field: string, name: string | undefined): readonly Fault[] {
  if (name === undefined) return [];
  const fine = name.length >= 1 && name.length <= 200 && name.trim() === name;
  return fine ? [] : [{ field, message: 'must have 1 to 200 characters and no space around it' }];
}

function unsupportedFaults(change: AccountChange): readonly Fault[] {
  return (['budget', 'quotaGroupId'] as const)
    .filter((field) => hasContent(change[field]))
    .map((field) => ({ field, message: 'is not supported yet' }));
}

/** An empty budget (`{dailyUsd: null}`), as an earlier answer showed it, asks for nothing. */
function hasContent(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.values(value).some((part) => part !== null);
}

function textFaults({ name, credential, notes }: AccountChange): readonly Fault[] {
  const faults = [...nameFaults('name', name)];
  if (credential !== undefined && (credential.trim() === '' || credential.length > 16_384)) {
    faults.push({ field: 'credential', message: 'must have 1 to 16384 characters' });
  }
  if ((notes ?? '').length > 4000)
    faults.push({ field: 'notes', message: 'must have at most 4000 characters' });
  return faults;
}

function numberFaults({ weight, tier }: AccountChange): readonly Fault[] {
  const faults: Fault[] = [];
  if (weight !== undefined && !(weight > 0 && weight <= 1e6)) {
    faults.push({ field: 'weight', message: 'must be above 0 and at most 1000000' });
  }
  if (tier !== undefined && !(Number.isInteger(tier) && tier >= 1 && tier <= lastDatabaseTier)) {
    faults.push({ field: 'tier', message: `must be a whole number from 1 to ${lastDatabaseTier}` });
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
