import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { AccountsService, ProvidersService, type SelectionStrategy } from '#provider-account-pool';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { actor, leaseOf, startPool } from './pool-process.js';

/** As somebody else would write one: by turns, at the pace of the weights. */
const heaviestFirst: SelectionStrategy = {
  name: 'heaviest-first',
  pull: ({ weight }) => weight,
  pick: (roster) => roster.first(),
};

describe('a strategy of the host', () => {
  let database: TestDatabase;
  const started: TestingModule[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    for (const app of started.splice(0)) await app.close();
    await database.drop();
  });

  async function start(strategies: readonly SelectionStrategy[]): Promise<TestingModule> {
    const app = await startPool({ url: database.url, pool: { strategies } });
    started.push(app);
    return app;
  }

  it('chooses for the providers that name it', async () => {
    const app = await start([heaviestFirst]);
    await app.get(ProvidersService).create({ name: 'openai', kind: 'openai', strategy: 'heaviest-first' });
    const account = { provider: 'openai', credential: 'sk-0123456789', allowDuplicate: true };
    await app.get(AccountsService).create({ ...account, name: 'light', weight: 1 }, actor);
    const heavy = await app.get(AccountsService).create({ ...account, name: 'heavy', weight: 10 }, actor);
    const picked = Array.from({ length: 10 }, () => leaseOf(app).accountId);
    expect(picked.filter((id) => id === heavy.id)).toHaveLength(9);
  });

  it('cannot be named where nobody registered it', async () => {
    const app = await start([]);
    const attempt = app
      .get(ProvidersService)
      .create({ name: 'openai', kind: 'openai', strategy: 'heaviest-first' });
    await expect(attempt).rejects.toMatchObject({
      code: 'invalid_request',
      details: { field: 'strategy' },
    });
  });

  it.each<[string, Partial<SelectionStrategy>, RegExp]>([
    [
      'that starves accounts',
      { pick: (roster) => [...roster][0] as never },
      /'heaviest-first': .*never picked/,
    ],
    ['with the name of one of ours', { name: 'entropy' }, /'entropy': the name is taken/],
    ['with a name that is no word', { name: 'My Strategy' }, /'My Strategy': name .* is not lower-case/],
  ])('%s ends the start, in words that say why', async (_what, flaw, words) => {
    const strategies = [{ ...heaviestFirst, ...flaw }];
    await expect(startPool({ url: null, pool: { strategies } })).rejects.toThrow(words);
  });
});
