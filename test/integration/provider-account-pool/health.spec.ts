import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountControl, AccountScheduler, AccountsService, PoolEvents } from '#provider-account-pool';
import { HealthBench, rateLimited } from './health-bench.js';
import { aCall, actor, aFailure, fail, leaseOf, startMs, succeed } from './pool-process.js';

const minuteMs = 60_000;

describe('health of accounts', () => {
  let bench: HealthBench;

  beforeEach(async () => {
    bench = await HealthBench.open();
  }, startMs);
  afterEach(() => bench.close());

  describe('the timeline', () => {
    it('says who did what and why, newest first, in pages', async () => {
      const { call } = aCall();
      fail(bench.first, aFailure(), { call });
      bench.clock.advanceMs(1000);
      await bench.first.get(AccountControl).disable(bench.accountId, 'rotating by hand', actor);
      const [disabled, failed, created] = await bench.lines();
      expect(disabled).toMatchObject({ kind: 'disabled', from: 'enabled', cause: 'rotating by hand', actor });
      expect(failed).toMatchObject({
        kind: 'machine_state',
        from: 'closed',
        to: 'auth_failed',
        rule: 'openai.invalid_api_key',
        cause: 'authentication',
        callId: call.id,
        actor: null,
      });
      expect(created).toMatchObject({ kind: 'created', actor });
      const first = await bench.first
        .get(AccountsService)
        .timeline(bench.accountId, { limit: 2, cursor: null });
      const rest = await bench.first
        .get(AccountsService)
        .timeline(bench.accountId, { limit: 2, cursor: first.nextCursor });
      expect([...first.data, ...rest.data]).toEqual([disabled, failed, created]);
      expect(rest.nextCursor).toBeNull();
    });

    it('forgets by age', async () => {
      expect(await bench.lines()).toHaveLength(1);
      bench.clock.advanceMs(91 * 24 * 60 * minuteMs);
      await bench.jobs().prune();
      expect(await bench.lines()).toEqual([]);
    });
  });

  it('tells listeners in this process what moves, and bears with one that throws', () => {
    const seen: unknown[] = [];
    bench.first.get(PoolEvents).subscribe(() => {
      throw new Error('broken listener');
    });
    bench.first.get(PoolEvents).subscribe((event) => seen.push(event));
    fail(bench.first, rateLimited);
    expect(seen).toEqual([
      {
        kind: 'account.cooled',
        atMs: bench.clock.nowMs(),
        provider: 'openai',
        accountId: bench.accountId,
        model: null,
        rule: 'openai.rate_limit',
        untilMs: bench.clock.nowMs() + 10 * minuteMs,
      },
    ]);
  });

  describe('a test that a person asks for', () => {
    it('that passes brings back an account whose key had been refused', async () => {
      fail(bench.first, aFailure());
      expect(await bench.first.get(AccountControl).test(bench.accountId, actor)).toEqual({
        ok: true,
        latencyMs: 12,
      });
      succeed(bench.first);
      expect(bench.state().machine).toBe('closed');
    });

    it('that fails says why, and takes the account out', async () => {
      bench.upstream.answer = async () => ({ ok: false, latencyMs: 3, failure: aFailure() });
      const report = await bench.first.get(AccountControl).test(bench.accountId, actor);
      expect(report).toMatchObject({ ok: false, class: 'authentication' });
      expect(bench.state().machine).toBe('auth_failed');
      const [moved, tested] = await bench.lines();
      expect(moved).toMatchObject({ kind: 'machine_state', to: 'auth_failed', actor });
      expect(tested).toMatchObject({ kind: 'tested', cause: 'authentication', actor });
    });
  });

  it('a new credential ends what the old one did', async () => {
    fail(bench.first, aFailure());
    await bench.first
      .get(AccountsService)
      .update(bench.accountId, 1, { credential: 'sk-new-0123456789' }, actor);
    expect(leaseOf(bench.first).target.credential.reveal()).toBe('sk-new-0123456789');
  });

  it('a lease that nobody settles gives its slot back in the end', async () => {
    await bench.first
      .get(AccountsService)
      .update(bench.accountId, 1, { limits: { maxConcurrency: 1 } }, actor);
    leaseOf(bench.first);
    expect(bench.first.get(AccountScheduler).acquire(aCall())).toMatchObject({
      why: 'exhausted',
      earliestMs: null,
    });
    bench.clock.advanceMs(16 * minuteMs);
    bench.jobs().sweep();
    expect(leaseOf(bench.first).accountId).toBe(bench.accountId);
  });
});
