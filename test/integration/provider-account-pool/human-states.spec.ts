import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '#persistence';
import { AccountControl, AccountScheduler, AccountsService } from '#provider-account-pool';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { aCall, actor, codeOf, leaseOf, ManualClock, reasonsOf, startMs, startPool } from './pool-process.js';

const draft = { provider: 'openai', name: 'main', credential: 'sk-0123456789' };

describe('on Postgres', () => {
  const clock = new ManualClock();
  let database: TestDatabase;
  let app: TestingModule;
  let accounts: AccountsService;
  let control: AccountControl;
  let scheduler: AccountScheduler;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startPool({ url: database.url, clock });
    accounts = app.get(AccountsService);
    control = app.get(AccountControl);
    scheduler = app.get(AccountScheduler);
  }, startMs);
  beforeEach(async () => {
    await app.get(DataSource).query('DELETE FROM accounts');
    await app.get(ChangeFeed).refresh();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  describe("a person's word", () => {
    it('"disable" stops new calls when the call returns, and only "enable" ends it', async () => {
      const { id } = await accounts.create(draft, actor);
      await control.disable(id, 'leaves on Friday', actor);
      const refused = scheduler.acquire(aCall());
      expect(refused).toMatchObject({ why: 'unavailable' });
      expect(reasonsOf(refused)).toEqual(['disabled']);
      expect(await codeOf(() => control.pause(id, { forSeconds: 1 }, null, actor))).toBe('conflict');
      await control.enable(id, actor);
      expect(leaseOf(app).accountId).toBe(id);
    });

    it('"pause" ends by itself', async () => {
      const { id } = await accounts.create(draft, actor);
      await control.pause(id, { forSeconds: 60 }, null, actor);
      const refused = scheduler.acquire(aCall());
      expect(refused).toMatchObject({ why: 'unavailable' });
      expect(reasonsOf(refused)).toEqual(['paused']);
      clock.advanceMs(60_000);
      expect(leaseOf(app).accountId).toBe(id);
      expect(accounts.get(id)).toMatchObject({ enabled: true, state: { human: 'enabled', until: null } });
    });

    it('"pause" refuses an end in the past', async () => {
      const { id } = await accounts.create(draft, actor);
      const attempt = () => control.pause(id, { until: new Date(0) }, null, actor);
      expect(await codeOf(attempt)).toBe('invalid_request');
    });

    it('"compromised" is for good: nothing turns the account on again, and its key is given up', async () => {
      const { id } = await accounts.create(draft, actor);
      await control.markCompromised(id, 'seen on a forum', actor);
      const refused = scheduler.acquire(aCall());
      expect(refused).toMatchObject({ why: 'unavailable' });
      expect(reasonsOf(refused)).toEqual(['compromised']);
      const { version } = accounts.get(id);
      expect(await codeOf(() => control.enable(id, actor))).toBe('conflict');
      expect(await codeOf(() => accounts.update(id, version, { enabled: true }, actor))).toBe('conflict');
      expect(await codeOf(() => accounts.update(id, version, { credential: 'sk-new' }, actor))).toBe(
        'conflict',
      );
      expect(accounts.get(id)).toMatchObject({
        credentialPreview: null,
        state: { reason: 'seen on a forum' },
      });
    });
  });
});
