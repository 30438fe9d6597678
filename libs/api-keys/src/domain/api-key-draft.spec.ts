import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#kernel';
import { refuseFaultyDraft, scopesOf, type ApiKeyDraft } from './api-key-draft.js';

const nowMs = 1_000_000;
const good: ApiKeyDraft = { name: 'team', scopes: ['call'] };

function faultyFields(change: Partial<ApiKeyDraft>): readonly string[] {
  try {
    refuseFaultyDraft({ ...good, ...change }, nowMs);
    return [];
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('invalid_request');
    return error.details.faults?.map(({ field }) => field) ?? [];
  }
}

describe('the draft of a key', () => {
  it.each<[string, Partial<ApiKeyDraft>]>([
    ['nothing but the needed fields', {}],
    [
      'every field',
      { owner: 'a@b', expiresAt: new Date(nowMs + 1), models: { allow: ['gpt-*'], deny: ['x'] } },
    ],
    ['empty limits, budget and allow-list', { limits: { rpm: null }, budget: {}, ipAllowlist: [] }],
    [
      'rules',
      { providers: { deny: ['x*'] }, tags: { required: ['team'], allowed: null }, ipAllowlist: ['::1'] },
    ],
    ['null where nothing is meant', { owner: null, expiresAt: null, limits: null, budget: null }],
  ])('may have %s', (_, change) => {
    expect(faultyFields(change)).toEqual([]);
  });

  it.each<[string, Partial<ApiKeyDraft>]>([
    ['name', { name: ' ' }],
    ['name', { name: 'x'.repeat(201) }],
    ['name', { name: 'a\nb' }],
    ['owner', { owner: '' }],
    ['scopes', { scopes: [] }],
    ['scopes', { scopes: ['call', 'root'] }],
    ['weight', { weight: 0 }],
    ['weight', { weight: NaN }],
    ['expiresAt', { expiresAt: new Date(nowMs) }],
    ['expiresAt', { expiresAt: new Date(NaN) }],
    ['models.allow[1]', { models: { allow: ['gpt-5', 'g*t'] } }],
    ['providers.allow[0]', { providers: { allow: [''] } }],
    ['tags.required[0]', { tags: { required: ['a b'] } }],
    ['tags.allowed', { tags: { allowed: 'team' as never } }],
    ['ipAllowlist[1]', { ipAllowlist: ['10.0.0.0/8', '10.0.0.0/33'] }],
    ['models.deny', { models: { deny: Array.from({ length: 501 }, () => 'x') } }],
    ['metadata', { metadata: { note: 'x'.repeat(20_000) } }],
    ['metadata', { metadata: { note: '\\\0' } }],
    ['metadata', { metadata: { '\ud800': 1 } }],
    ['owner', { owner: '\ud800' }],
  ])('is refused for %s in %j', (field, change) => {
    expect(faultyFields(change)).toEqual([field]);
  });

  it.each<[string, object]>([
    ['limits.rpm', { limits: { rpm: 0 } }],
    ['limits.rpm', { limits: { rpm: 1.5 } }],
    ['limits.tpm', { limits: { tpm: '60' } }],
    ['limits.rpd', { limits: { rpd: 60 } }],
    ['budget.dailyUsd', { budget: { dailyUsd: '0' } }],
    ['budget.dailyUsd', { budget: { dailyUsd: 5 } }],
    ['budget.monthlyUsd', { budget: { monthlyUsd: '1e3' } }],
    ['budget.yearlyUsd', { budget: { yearlyUsd: '5' } }],
  ])('is refused for %s in %j', (field, change) => {
    expect(faultyFields(change)).toEqual([field]);
  });

  it.each(['name', 'scopes', 'weight', 'metadata'])(
    'is refused for null as %s, which JSON allows',
    (field) => {
      expect(faultyFields({ [field]: null })).toEqual([field]);
      expect(faultyFields({ models: { allow: null, deny: [] } as never })).toEqual(['models.allow']);
    },
  );

  it('may have every character in its metadata that Postgres can keep', () => {
    expect(faultyFields({ metadata: { note: '\\u0000 \n 😀 \u0001' } })).toEqual([]);
  });

  it('names all faults at once', () => {
    expect(faultyFields({ name: '', scopes: [], limits: { rpm: 0, tpm: -1 } })).toEqual([
      'name',
      'scopes',
      'limits.rpm',
      'limits.tpm',
    ]);
  });

  it('keeps each scope once', () => {
    expect(scopesOf(['call', 'admin:read', 'call'])).toEqual(['call', 'admin:read']);
  });
});
