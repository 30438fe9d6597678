import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { ProviderRegistry } from '#ai-provider';
import { Secret } from '#kernel';
import type { LeaseRequest } from '#provider-account-pool';
import { aModelCall } from '../../support/a-model-call.js';
import { leaseOf, ManualClock, startPool, succeed } from './pool-process.js';

const registry = new ProviderRegistry();
/** All whose keys are one text and whose address is known. */
const kinds = registry.kinds.filter((kind) => {
  const adapter = registry.get(kind);
  return adapter?.credentialFault === undefined && adapter?.defaultBaseUrl != null;
});
const cacheOf = (kind: string) => registry.get(kind)?.capabilities.promptCache ?? null;
const caching = kinds.flatMap((kind) => {
  const cache = cacheOf(kind);
  return cache === null ? [] : [{ kind, ...cache }];
});
const others = kinds.filter((kind) => cacheOf(kind) === null);

/** A chat as the provider's own client sends it. */
const chatOf = (provider: string): Partial<LeaseRequest> => {
  const wireFormat = registry.get(provider)?.wireFormats[0] ?? 'openai';
  const operation = operations[wireFormat];
  return { provider, call: aModelCall({ wireFormat, operation }) };
};
const operations = { openai: 'chat_completions', anthropic: 'messages', gemini: 'generate_content' } as const;

describe('calls that begin alike', () => {
  const clock = new ManualClock();
  let app: TestingModule;
  beforeEach(async () => {
    const keys = kinds.flatMap((provider) =>
      [1, 2, 3].map((at) => ({ provider, key: new Secret(`sk_0123456789_${provider}_${at}`) })),
    );
    app = await startPool({
      url: null,
      clock,
      pool: { staticPool: { singleKeys: [], keys, coolDownMs: 1_000 } },
    });
  });
  afterEach(() => app.close());

  /** How many accounts six calls in a row meet. */
  const spread = (provider: string, inputTokens: number): number =>
    new Set(
      Array.from(
        { length: 6 },
        () => succeed(app, { ...chatOf(provider), inputTokens, affinity: 'x' }).accountId,
      ),
    ).size;

  it.each(caching)(
    'go to one account of $kind from the length on that it caches, and to all below',
    ({ kind, minTokens }) => {
      expect(spread(kind, minTokens - 1)).toBe(3);
      expect(spread(kind, minTokens)).toBe(1);
    },
  );

  it.each(caching)(
    'go to one account of $kind as long as it keeps them: $ttlMs ms',
    ({ kind, minTokens, ttlMs }) => {
      const ask = { ...chatOf(kind), inputTokens: minTokens, affinity: 'x' };
      const home = succeed(app, ask).accountId;
      clock.advanceMs(ttlMs - 1);
      // Whose turn it is has moved on.
      succeed(app, chatOf(kind));
      expect(succeed(app, ask).accountId).toBe(home);
      clock.advanceMs(ttlMs + 1);
      expect(leaseOf(app, ask).accountId).not.toBe(home);
    },
  );

  it.each(others)('go to all accounts of %s, which caches nothing', (kind) => {
    expect(spread(kind, 100_000)).toBe(3);
  });
});
