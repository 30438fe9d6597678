import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import type { TokenExchange, UpstreamRequest } from '../contract/provider-adapter.js';
import { TokenCache } from './token-cache.js';

const request: UpstreamRequest = { method: 'POST', origin: 'https://t', path: '/', headers: {}, body: null };
const hourMs = 3_600_000;

/** A cache whose clock stands still until it is moved, and an issuer that numbers its tokens. */
function aBench(lifeMs = hourMs) {
  const issuer = { asked: 0, fails: false, waits: Promise.resolve() };
  const clock = { now: 1_000_000, nowMs: () => clock.now };
  const cache = new TokenCache(clock, async () => {
    issuer.asked += 1;
    await issuer.waits;
    if (issuer.fails) throw new Error('refused');
    return `token-${issuer.asked}`;
  });
  const exchange: TokenExchange = {
    request: () => request,
    read: (body, nowMs) => ({ token: new Secret(String(body)), expiresAtMs: nowMs + lifeMs }),
  };
  const credential = new Secret('credential');
  const ask = async (of = credential) => (await cache.token(of, exchange)).reveal();
  return { issuer, clock, cache, exchange, credential, ask };
}

describe('TokenCache', () => {
  it('exchanges once for all who ask at the same time, and at once from then on', async () => {
    const { issuer, ask, cache, credential, exchange } = aBench();
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['token-1', 'token-1', 'token-1']);
    expect(cache.token(credential, exchange)).toBeInstanceOf(Secret);
    expect(issuer.asked).toBe(1);
  });

  it('keeps the tokens of credentials apart', async () => {
    const { ask } = aBench();
    expect([await ask(), await ask(new Secret('credential'))]).toEqual(['token-1', 'token-2']);
  });

  it('renews a token before its end, behind the back of the calls', async () => {
    const { issuer, clock, ask } = aBench();
    await ask();
    clock.now += hourMs - 299_000;
    expect([await ask(), await ask(), issuer.asked]).toEqual(['token-1', 'token-1', 2]);
    expect(await ask()).toBe('token-2');
  });

  it('goes on with a good token while its renewal fails, and asks again after a pause', async () => {
    const { issuer, clock, ask } = aBench();
    await ask();
    issuer.fails = true;
    clock.now += hourMs - 299_000;
    expect([await ask(), await ask()]).toEqual(['token-1', 'token-1']);
    expect(issuer.asked).toBe(2);
    clock.now += 10_000;
    expect([await ask(), issuer.asked]).toEqual(['token-1', 3]);
  });

  it('uses no token in its last half minute', async () => {
    const { clock, ask } = aBench();
    await ask();
    clock.now += hourMs - 30_000;
    expect(await ask()).toBe('token-2');
  });

  it('uses a token of a minute for most of it', async () => {
    const { issuer, clock, ask } = aBench(60_000);
    await ask();
    clock.now += 29_999;
    expect([await ask(), issuer.asked]).toEqual(['token-1', 1]);
  });

  it('tells a refusal to all who wait, and asks again for the next', async () => {
    const { issuer, ask } = aBench();
    issuer.fails = true;
    const told = await Promise.allSettled([ask(), ask()]);
    expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(issuer.asked).toBe(1);
    issuer.fails = false;
    expect(await ask()).toBe('token-2');
  });

  it('forgets a token that the provider refused', async () => {
    const { ask, cache, credential } = aBench();
    await ask();
    cache.forget(credential);
    expect(await ask()).toBe('token-2');
  });
});
