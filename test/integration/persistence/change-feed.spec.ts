import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { PgChangeFeed } from '../../../libs/persistence/src/change-feed/pg-change-feed.js';
import { ManualTimers } from '../../support/manual-timers.js';
import { silentLogger } from '../../support/silent-logger.js';
import type { TestDatabase } from '../../support/test-database.js';
import { createTestDatabase } from '../../support/test-database.js';

describe('the change feed', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let timers: ManualTimers;
  let feed: PgChangeFeed;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await new DataSource({ type: 'postgres', url: database.url.reveal() }).initialize();
    await dataSource.query('CREATE TABLE watched (id int PRIMARY KEY, name text, last_used_at text)');
    await dataSource.query(`SELECT watch_table('watched', 'accounts', ARRAY['last_used_at'])`);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await dataSource.query('DELETE FROM watched');
    timers = new ManualTimers();
    feed = new PgChangeFeed({ url: database.url, dataSource, logger: silentLogger, timers });
  });
  afterEach(() => feed.onModuleDestroy());

  /** Subscribes and takes the first call in; `next` resolves at the next call. */
  async function subscribed(): Promise<{ calls: () => number; next: () => Promise<void> }> {
    let calls = 0;
    let wake = (): void => undefined;
    feed.subscribe(['accounts'], () => {
      calls += 1;
      wake();
      return Promise.resolve();
    });
    await feed.refresh();
    return {
      calls: () => calls,
      next: () => new Promise((resolve) => (wake = resolve)),
    };
  }

  it('calls back when another process changes a watched table, told by a notification', async () => {
    await feed.onModuleInit();
    const { next } = await subscribed();
    const called = next();
    await dataSource.query(`INSERT INTO watched VALUES (1, 'a')`);
    await called;
  });

  it('calls back at the next poll when notifications are lost', async () => {
    await feed.onModuleInit();
    const { next } = await subscribed();
    await dataSource.query('UPDATE change_counters SET version = version + 1');
    const called = next();
    timers.ringAlways();
    await called;
  });

  it('listens again after its connection was cut, and looks for what it missed', async () => {
    await feed.onModuleInit();
    const { next } = await subscribed();
    const lost = timers.nextOnce();
    await dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name LIKE '%listener' AND datname = current_database()`,
    );
    await lost;
    const called = next();
    await dataSource.query(`INSERT INTO watched VALUES (2, 'b')`);
    timers.ringOnce();
    await called;
    const notified = next();
    await dataSource.query(`INSERT INTO watched VALUES (3, 'c')`);
    await notified;
  });

  it('has taken every earlier change in when refresh resolves', async () => {
    const { calls } = await subscribed();
    const before = calls();
    await dataSource.query(`INSERT INTO watched VALUES (4, 'd')`);
    await feed.refresh();
    expect(calls()).toBe(before + 1);
  });

  it('merges changes that come together', async () => {
    const { calls } = await subscribed();
    const before = calls();
    await dataSource.query(`INSERT INTO watched VALUES (5, 'e')`);
    await dataSource.query(`UPDATE watched SET name = 'f'`);
    await Promise.all([feed.refresh(), feed.refresh(), feed.refresh()]);
    expect(calls()).toBe(before + 1);
  });

  it('calls again at the next look when a callback failed', async () => {
    let failures = 1;
    let successes = 0;
    feed.subscribe(['accounts'], () => {
      if (failures-- > 0) return Promise.reject(new Error('not now'));
      successes += 1;
      return Promise.resolve();
    });
    await feed.refresh();
    await feed.refresh();
    await feed.refresh();
    expect(successes).toBe(1);
  });

  it.each([
    ['an update that matches no row', `UPDATE watched SET name = 'x' WHERE id = -1`],
    ['an update that changes nothing', `UPDATE watched SET name = name`],
    ['an update of ignored columns alone', `UPDATE watched SET last_used_at = 'now'`],
    ['a delete that matches no row', `DELETE FROM watched WHERE id = -1`],
  ])('stays quiet on %s', async (_what, statement) => {
    await dataSource.query(`INSERT INTO watched VALUES (6, 'g')`);
    const { calls } = await subscribed();
    const before = calls();
    await dataSource.query(statement);
    await feed.refresh();
    expect(calls()).toBe(before);
  });

  it.each([`UPDATE watched SET name = 'h'`, 'DELETE FROM watched', 'TRUNCATE watched'])(
    'calls back on %s',
    async (statement) => {
      await dataSource.query(`INSERT INTO watched VALUES (7, 'i')`);
      const { calls } = await subscribed();
      const before = calls();
      await dataSource.query(statement);
      await feed.refresh();
      expect(calls()).toBe(before + 1);
    },
  );

  it('goes on after the database was away', async () => {
    const { calls } = await subscribed();
    const before = calls();
    await dataSource.query('ALTER TABLE change_counters RENAME TO away');
    await feed.refresh();
    await dataSource.query('ALTER TABLE away RENAME TO change_counters');
    await dataSource.query(`INSERT INTO watched VALUES (8, 'j')`);
    await feed.refresh();
    expect(calls()).toBe(before + 1);
  });
});
