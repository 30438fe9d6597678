import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { asId } from '#kernel';
import {
  AccountModels,
  AccountsService,
  AccountScheduler,
  ModelCatalogue,
  ProvidersService,
} from '#provider-account-pool';
import { CatalogueJobs } from '../../../libs/provider-account-pool/src/catalogue/catalogue-jobs.js';
import { HealthBench } from './health-bench.js';
import { aCall, actor, aFailure, codeOf, fail, reasonsOf, startMs } from './pool-process.js';

describe('the models of accounts', () => {
  let bench: HealthBench;
  let asked: number;
  const run = (app: TestingModule = bench.first) => app.get(CatalogueJobs).run();
  const listed = (...models: string[]): void => {
    bench.upstream.modelsAnswer = async () => {
      asked += 1;
      return { kind: 'listed', models };
    };
  };
  const modelsOf = (app: TestingModule = bench.first) =>
    app.get(ModelCatalogue).of(asId(bench.accountId))?.models;
  const makeDue = () =>
    bench.first
      .get(DataSource)
      .query(`UPDATE account_model_lists SET next_read_at = now() - interval '1 hour'`);

  beforeEach(async () => {
    bench = await HealthBench.open();
    asked = 0;
  }, startMs);
  afterEach(() => bench.close());

  it('are read once for a new account, by one process of several, and known to all', async () => {
    const other = await bench.start();
    listed('gpt-5', 'gpt-5-mini');
    await Promise.all([run(), run(other)]);
    await Promise.all([run(), run(other)]);
    expect(asked).toBe(1);
    expect(modelsOf()).toEqual(['gpt-5', 'gpt-5-mini']);
    expect(modelsOf(other)).toEqual(['gpt-5', 'gpt-5-mini']);
    await makeDue();
    await run(other);
    expect(asked).toBe(2);
  });

  it('are kept when a later reading fails, with the rule of the failure, and the account stays in service', async () => {
    listed('gpt-5');
    await run();
    await makeDue();
    bench.upstream.modelsAnswer = async () => ({ kind: 'failed', failure: aFailure() });
    await run();
    const view = bench.first.get(AccountModels).get(bench.accountId);
    expect(view).toMatchObject({
      models: [{ name: 'gpt-5', allowed: true }],
      fault: 'openai.invalid_api_key',
      readAt: expect.any(Date),
    });
    expect(bench.state().machine).toBe('closed');
  });

  it('can be read by hand, tell what the rules of the account allow, and end what was held against a model', async () => {
    const { version } = bench.first.get(AccountsService).get(bench.accountId);
    const models = { allow: [], deny: ['old-*'] };
    await bench.first.get(AccountsService).update(bench.accountId, version, { models }, actor);
    fail(
      bench.first,
      aFailure({ class: 'model_unavailable', scope: 'model_on_account', rule: 'openai.model_not_found' }),
    );
    const scheduler = bench.first.get(AccountScheduler);
    expect(scheduler.acquire(aCall()).kind).toBe('refused');
    listed('gpt-5', 'old-1');
    const view = await bench.first.get(AccountModels).refresh(bench.accountId);
    expect(view.models).toEqual([
      { name: 'gpt-5', allowed: true },
      { name: 'old-1', allowed: false },
    ]);
    expect(scheduler.acquire(aCall()).kind).toBe('leased');
    expect(bench.first.get(ModelCatalogue).modelsOf('openai')).toEqual(['gpt-5']);
    expect(await codeOf(() => bench.first.get(AccountModels).refresh('nobody'))).toBe('not_found');
  });

  it('end what was held against a model only when it is listed anew, if nobody asked', async () => {
    const refuse = () =>
      fail(
        bench.first,
        aFailure({ class: 'model_unavailable', scope: 'model_on_account', rule: 'openai.model_not_found' }),
      );
    listed('other');
    await run();
    refuse();
    await makeDue();
    listed('gpt-5', 'other');
    await run();
    const scheduler = bench.first.get(AccountScheduler);
    const decision = scheduler.acquire(aCall());
    expect(decision.kind).toBe('leased');
    if (decision.kind === 'leased') {
      const failure = aFailure({
        class: 'model_unavailable',
        scope: 'model_on_account',
        rule: 'openai.model_not_found',
      });
      decision.lease.settle({ kind: 'failed', failure, tokens: null, limits: [], durationMs: 1 });
    }
    await makeDue();
    await run();
    expect(scheduler.acquire(aCall()).kind).toBe('refused');
  });

  it('are a hint, and a rule where the provider is strict', async () => {
    listed('other');
    await run();
    const scheduler = bench.first.get(AccountScheduler);
    const decision = scheduler.acquire(aCall());
    expect(decision.kind).toBe('leased');
    if (decision.kind === 'leased') decision.lease.settle({ kind: 'aborted', tokens: null, durationMs: 1 });
    const providers = bench.first.get(ProvidersService);
    const [provider] = providers.list({ limit: 10, cursor: null }).data;
    if (provider === undefined) throw new Error('no provider');
    await providers.update(provider.id, provider.version, { settings: { strictModels: 1 } });
    expect(reasonsOf(scheduler.acquire(aCall()))).toEqual(['model_not_allowed']);
    expect(scheduler.acquire(aCall({ model: 'other' })).kind).toBe('leased');
    await makeDue();
    listed('gpt-5');
    await run();
    expect(scheduler.acquire(aCall()).kind).toBe('leased');
    const view = bench.first.get(AccountsService).get(bench.accountId);
    expect(view.models).toEqual({ allow: [], deny: [] });
  });
});
