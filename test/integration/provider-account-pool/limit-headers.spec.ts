import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ProviderRegistry } from '#ai-provider';
import { asId, type LimitReading } from '#kernel';
import { AccountPool, accountStatuses, selectAccount, settle, type AccountSpec } from '#pool-core';

interface Row {
  readonly id: string;
  readonly provider: string;
  readonly kind: 'header' | 'set';
  readonly header: string;
  readonly example: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly now?: string;
}

const rows = JSON.parse(
  readFileSync(new URL('../../fixtures/rate-limit-headers.json', import.meta.url), 'utf8'),
) as readonly Row[];
const registry = new ProviderRegistry();

/** Where the rows call a kind otherwise. */
const kinds: Readonly<Record<string, string>> = {
  azure: 'azure-openai',
  gemini: 'google',
  vertex: 'vertex-ai',
};

/** What the adapter of a row's provider makes of its headers. */
function readingsOf({ provider, kind, header, example, headers, now }: Row): readonly LimitReading[] {
  const adapter = registry.get(kinds[provider] ?? provider.replace('_', '-'));
  const given = Object.entries(kind === 'set' ? headers : { [header]: example });
  const lower = Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]));
  return adapter?.readLimits(lower, Date.parse(now ?? '2026-09-20T12:00:00Z')) ?? [];
}

const told = rows
  .map((row) => ({ id: row.id, provider: row.provider, readings: readingsOf(row) }))
  .filter(({ readings }) => readings.some(({ limit }) => limit !== null && limit > 0));

const families = [
  'anthropic',
  'azure',
  'cerebras',
  'cohere',
  'fireworks',
  'groq',
  'mistral',
  'openai',
  'openai_compatible',
  'together',
  'xai',
];

const limits = {
  rpm: null,
  tpm: null,
  itpm: null,
  otpm: null,
  rpd: null,
  tpd: null,
  maxConcurrency: null,
};
const spec: AccountSpec = {
  id: asId<'Account'>('a'),
  weight: 1,
  tier: 1,
  human: { kind: 'enabled' },
  credentialUsable: true,
  limits,
  quotaGroup: null,
  budget: { dailyNanoUsd: null, monthlyNanoUsd: null },
  costFactor: 1,
  models: { allow: [], deny: [] },
};
const ask = {
  model: 'm',
  inputTokens: 1,
  outputTokens: 1,
  price: null,
  affinity: null,
  exclude: new Set<never>(),
};

describe('an account without configured limits learns them from the first answer', () => {
  it('in every family of limit headers', () => {
    expect(told.length).toBeGreaterThan(20);
    // The others (Gemini, Vertex AI, OpenRouter, DeepSeek, vLLM) tell no limit with a success: refusals teach theirs.
    expect([...new Set(told.map(({ provider }) => provider))].toSorted()).toEqual(families);
  });

  it.each(told)('$id', ({ readings }) => {
    const nowMs = Date.parse('2026-09-20T12:00:00Z');
    const pool = new AccountPool({ safetyMargin: 0 });
    pool.replaceAccounts([spec], nowMs);
    const decision = selectAccount(pool, ask, nowMs, () => 0.5);
    if (decision.kind === 'refused') throw new Error('an account without limits refused');
    const outcome = { kind: 'succeeded', tokens: null, limits: readings, firstByteMs: null } as const;
    settle(pool, decision.reservation, outcome, nowMs, () => 0.5);
    const windows = accountStatuses(pool, nowMs)[0]?.windows ?? [];
    for (const { limit, remaining } of readings) {
      if (limit === null || limit === 0) continue;
      expect(windows).toContainEqual(expect.objectContaining({ capacity: limit, left: remaining ?? limit }));
    }
  });
});
