import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '#persistence';
import {
  AccountsService,
  FailureRulesService,
  ProvidersService,
  type FailureRuleDraft,
} from '#provider-account-pool';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { codeOf, leaseOf, page, startMs, startPool } from './pool-process.js';

const draft: FailureRuleDraft = {
  name: 'tenant-suspended',
  match: { status: 422, code: 'tenant_*' },
  class: 'quota_exhausted',
};
const suspended = {
  status: 422,
  headers: {},
  body: { error: { message: 'Suspended.', code: 'tenant_12' } },
  transportCode: null,
};

describe('failure rules on Postgres', () => {
  let database: TestDatabase;
  let app: TestingModule;
  let rules: FailureRulesService;
  let providerId: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startPool({ url: database.url });
    rules = app.get(FailureRulesService);
  }, startMs);
  beforeEach(async () => {
    for (const table of ['accounts', 'providers']) await app.get(DataSource).query(`DELETE FROM ${table}`);
    await app.get(ChangeFeed).refresh();
    await app
      .get(AccountsService)
      .create({ provider: 'openai', name: 'main', credential: 'sk-0123456789' }, 'ops');
    providerId = String(app.get(ProvidersService).list(page).data[0]?.id);
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const verdict = (of: TestingModule = app) => {
    const lease = leaseOf(of);
    const failure = lease.classifier.classify(suspended, 0);
    lease.settle({ kind: 'aborted', tokens: null, durationMs: 1 });
    return failure;
  };

  it('read back as they were made, with what is usual for their class', async () => {
    const created = await rules.create(providerId, draft);
    expect(created).toMatchObject({
      ...draft,
      scope: 'account',
      cooldownSeconds: null,
      enabled: true,
      order: 100,
      version: 1,
    });
    expect(created).not.toHaveProperty('providerId');
    expect(rules.get(providerId, created.id)).toEqual(created);
    expect(rules.list(providerId, page).data).toEqual([created]);
  });

  it('decide before the built-in rules from the moment on at which they are made, until they are gone', async () => {
    expect(verdict()).toMatchObject({ class: 'invalid_request', scope: 'request' });
    const { id } = await rules.create(providerId, { ...draft, cooldownSeconds: 600 });
    expect(verdict()).toEqual({
      class: 'quota_exhausted',
      scope: 'account',
      rule: 'operator.tenant-suspended',
      retryAfterMs: 600_000,
    });
    await rules.update(providerId, id, 1, { enabled: false });
    expect(verdict().class).toBe('invalid_request');
    await rules.update(providerId, id, 2, { enabled: true, class: 'authentication' });
    expect(verdict()).toMatchObject({ class: 'authentication', retryAfterMs: null });
    await rules.remove(providerId, id);
    expect(verdict().class).toBe('invalid_request');
  });

  it('are tried by order, then by age', async () => {
    for (const [name, order] of [
      ['late', 200],
      ['old', 100],
      ['young', 100],
      ['first', 0],
    ] as const) {
      await rules.create(providerId, { ...draft, name, order });
    }
    const tried: string[] = [];
    for (let left = 4; left > 0; left -= 1) {
      const name = verdict().rule.replace('operator.', '');
      tried.push(name);
      const rule = rules.list(providerId, page).data.find((candidate) => candidate.name === name);
      await rules.remove(providerId, String(rule?.id));
    }
    expect(tried).toEqual(['first', 'old', 'young', 'late']);
  });

  it('change only on the version that was read, hold their name, and belong to one provider', async () => {
    const { id } = await rules.create(providerId, draft);
    expect(await codeOf(() => rules.create(providerId, draft))).toBe('conflict');
    expect((await rules.update(providerId, id, 1, { match: { status: 400 } })).match).toEqual({
      status: 400,
    });
    expect(await codeOf(() => rules.update(providerId, id, 1, { order: 1 }))).toBe('conflict');
    const other = await app.get(ProvidersService).create({ name: 'groq', kind: 'groq' });
    expect(await codeOf(() => rules.get(other.id, id))).toBe('not_found');
    expect(await codeOf(() => rules.remove(other.id, id))).toBe('not_found');
    expect(await codeOf(() => rules.create(id, draft))).toBe('not_found');
    expect(await codeOf(() => rules.create(other.id, draft))).toBeNull();
  });

  it.each<[string, object, string]>([
    ['no condition', { match: {} }, 'match'],
    ['a condition of null', { match: { status: null } }, 'match'],
    ['a pattern that holds for everything', { match: { message: ' ** ' } }, 'match.message'],
    ['a pattern too long', { match: { code: 'x'.repeat(201) } }, 'match.code'],
    ['a status that is none', { match: { status: 99 } }, 'match.status'],
    ['a class that is none', { class: 'success' }, 'class'],
    ['a class without a meaning', { class: 'unknown' }, 'class'],
    [
      'a fault of the caller that concerns an account',
      { class: 'invalid_request', scope: 'account' },
      'scope',
    ],
    ['a rest that has no effect', { class: 'authentication', cooldownSeconds: 60 }, 'cooldownSeconds'],
    ['a rest too long', { class: 'rate_limited', cooldownSeconds: 1_801 }, 'cooldownSeconds'],
    ['a name that fits into no rule id', { name: 'A b' }, 'name'],
    ['no name', { name: null }, 'name'],
    ['an order out of range', { order: -1 }, 'order'],
    ['neither on nor off', { enabled: null }, 'enabled'],
  ])('are refused with %s', async (_what, change, field) => {
    const attempt = rules.create(providerId, { ...draft, ...change });
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_request', details: { field } });
    expect(() => rules.dryRun(providerId, { ...draft, ...change })).toThrow();
  });

  it('are at most 100 for a provider', async () => {
    for (let i = 0; i < 100; i += 1) await rules.create(providerId, { ...draft, name: `rule-${i}` });
    expect(await codeOf(() => rules.create(providerId, draft))).toBe('conflict');
    const first = rules.list(providerId, { limit: 60, cursor: null });
    const second = rules.list(providerId, { limit: 60, cursor: first.nextCursor });
    expect([first.data.length, second.data.length, second.nextCursor]).toEqual([60, 40, null]);
  });

  it('go with their provider', async () => {
    await rules.create(providerId, draft);
    await app.get(DataSource).query('DELETE FROM accounts');
    await app.get(ProvidersService).remove(providerId);
    const rows: unknown[] = await app.get(DataSource).query('SELECT 1 FROM failure_rules');
    expect(rows).toEqual([]);
  });

  it('are tried out on the failures that were seen, without being in force', async () => {
    verdict();
    const { examined, changed } = rules.dryRun(providerId, draft);
    expect(examined).toBe(1);
    expect(changed).toMatchObject([
      { before: { class: 'invalid_request' }, after: { class: 'quota_exhausted' } },
    ]);
    expect(rules.recentFailures(providerId)).toMatchObject([{ status: 422, codes: ['tenant_12'] }]);
    expect(verdict().class).toBe('invalid_request');
  });

  it('are tried out in place of the one of the same name', async () => {
    await rules.create(providerId, draft);
    verdict();
    const { changed } = rules.dryRun(providerId, { ...draft, match: { status: 404 } });
    expect(changed).toMatchObject([
      { before: { rule: 'operator.tenant-suspended' }, after: { class: 'invalid_request' } },
    ]);
  });

  it('outlive what is remembered of failures across changes of the configuration', async () => {
    verdict();
    await app.get(ProvidersService).create({ name: 'groq', kind: 'groq' });
    expect(rules.recentFailures(providerId)).toHaveLength(1);
  });

  it('reach every replica', async () => {
    const other = await startPool({ url: database.url });
    await rules.create(providerId, draft);
    const inForce = 'operator.tenant-suspended';
    expect(
      await until(
        async () => verdict(other).rule,
        (rule) => rule === inForce,
      ),
    ).toBe(inForce);
    await other.close();
  });
});
