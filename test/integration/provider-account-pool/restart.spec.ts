import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { AccountControl, AccountScheduler, AccountsService } from '#provider-account-pool';
import { HealthBench, rateLimited } from './health-bench.js';
import { aCall, actor, aFailure, fail, leaseOf, reasonsOf, startMs, succeed } from './pool-process.js';

const minuteMs = 60_000;
const noModel = aFailure({ class: 'model_unavailable', scope: 'model_on_account', rule: 'openai.no_model' });

describe('health of accounts across restarts', () => {
  let bench: HealthBench;

  beforeEach(async () => {
    bench = await HealthBench.open();
  }, startMs);
  afterEach(() => bench.close());

  describe('after a restart', () => {
    it.each([
      ['a cool-down', rateLimited, 'cooling'],
      [
        'spent credit',
        aFailure({ class: 'quota_exhausted', rule: 'openai.insufficient_quota' }),
        'out_of_quota',
      ],
      ['a refused key', aFailure(), 'auth_failed'],
    ] as const)('%s still holds', async (_what, failure, machine) => {
      fail(bench.first, failure);
      const before = bench.state();
      await bench.restart();
      expect(bench.state()).toEqual(before);
      expect(bench.state()).toMatchObject({ machine, reason: failure.rule });
      expect(bench.first.get(AccountScheduler).acquire(aCall()).kind).toBe('refused');
    });

    it('a model that one account lacks is still refused there, and only that one', async () => {
      fail(bench.first, noModel);
      await bench.restart();
      expect(reasonsOf(bench.first.get(AccountScheduler).acquire(aCall()))).toEqual(['model_unavailable']);
      expect(leaseOf(bench.first, { model: 'gpt-6' }).accountId).toBe(bench.accountId);
    });

    it('a rest that ended meanwhile is over: one call decides', async () => {
      fail(bench.first, rateLimited);
      await bench.stop();
      bench.clock.advanceMs(10 * minuteMs);
      await bench.resume();
      succeed(bench.first);
      expect(bench.state().machine).toBe('closed');
    });

    it('what was forgiven stays forgiven', async () => {
      fail(bench.first, rateLimited);
      await bench.jobs().flush();
      await bench.first.get(AccountControl).clearCooldown(bench.accountId, actor);
      await bench.restart();
      expect(bench.state().machine).toBe('closed');
    });

    it('the last use is remembered', async () => {
      succeed(bench.first);
      const { lastUsedAt } = bench.first.get(AccountsService).get(bench.accountId);
      await bench.restart();
      expect(lastUsedAt).toEqual(new Date(bench.clock.nowMs()));
      expect(bench.first.get(AccountsService).get(bench.accountId).lastUsedAt).toEqual(lastUsedAt);
    });
  });

  describe('writing behind', () => {
    it('a process killed before it wrote costs what it learnt, and does no harm', async () => {
      fail(bench.first, rateLimited);
      bench.relay.cut();
      await bench.stop();
      bench.relay.mend();
      await bench.resume();
      expect(leaseOf(bench.first).accountId).toBe(bench.accountId);
    });

    it('waits for a database that is away and then writes the state of that time, not an older one', async () => {
      bench.relay.cut();
      fail(bench.first, rateLimited);
      await bench.jobs().flush();
      bench.clock.advanceMs(10 * minuteMs);
      fail(bench.first, aFailure());
      bench.relay.mend();
      await bench.jobs().flush();
      const rows: unknown[] = await bench.first
        .get(DataSource)
        .query('SELECT state, rule FROM account_machine_states WHERE account_id = $1', [bench.accountId]);
      expect(rows).toEqual([{ state: 'auth_failed', rule: 'openai.invalid_api_key' }]);
    });

    it('no cool-down is cleared that cannot be written down', async () => {
      fail(bench.first, rateLimited);
      bench.relay.cut();
      await expect(bench.first.get(AccountControl).clearCooldown(bench.accountId, actor)).rejects.toThrow();
      expect(bench.state().machine).toBe('cooling');
    });

    it('leaves out accounts that were deleted meanwhile', async () => {
      fail(bench.first, aFailure());
      const other = { provider: 'openai', name: 'other', credential: 'sk-9876543210' };
      const kept = await bench.first.get(AccountsService).create(other, actor);
      fail(bench.first, rateLimited);
      await bench.first.get(AccountsService).remove(bench.accountId);
      await bench.jobs().flush();
      const rows: unknown[] = await bench.first
        .get(DataSource)
        .query('SELECT account_id FROM account_machine_states');
      expect(rows).toEqual([{ account_id: kept.id }]);
    });
  });
});
