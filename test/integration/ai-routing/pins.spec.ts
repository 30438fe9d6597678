import { Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { keptMs, Pins, type Pin, type PinPage } from '#ai-routing';
import { asId } from '#kernel';
import { Logger, Metrics } from '#observability';
import { PersistenceModule } from '#persistence';
import { PinnedObjectEntity } from '../../../libs/ai-routing/src/persistence/pinned-object.entity.js';
import { PostgresPinStore } from '../../../libs/ai-routing/src/persistence/postgres-pin-store.js';
import { silentLogger } from '../../support/silent-logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

const hourMs = 3_600_000;
const mine = asId<'ApiKey'>('key-1');
const theirs = asId<'ApiKey'>('key-2');
let nowMs = Date.UTC(2026, 8, 20, 12);
let database: TestDatabase;
let app: INestApplicationContext;
let store: PostgresPinStore;

@Module({})
class Surroundings {}

beforeAll(async () => {
  database = await createTestDatabase();
  const given = [
    { provide: Logger, useValue: silentLogger },
    { provide: Metrics, useValue: {} },
  ];
  const module = {
    module: Surroundings,
    global: true,
    imports: [
      PersistenceModule.forRoot({ url: database.applicationUrl, poolSize: 2 }),
      TypeOrmModule.forFeature([PinnedObjectEntity]),
    ],
    providers: [...given, PostgresPinStore],
    exports: given.map(({ provide }) => provide),
  };
  app = await NestFactory.createApplicationContext(module, { logger: false });
  store = app.get(PostgresPinStore);
}, 60_000);
beforeEach(() => app.get(DataSource).query('DELETE FROM pinned_objects'));
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** A process of its own: it remembers nothing of what another has met. */
const replica = (): Pins => new Pins(store, silentLogger, { nowMs: () => nowMs });

const aPin = (id: string, more: Partial<Pin> = {}): Pin => ({
  kind: 'gemini_files',
  id,
  owner: mine,
  provider: 'google',
  accountId: asId<'Account'>('account-1'),
  body: { name: `files/${id}` },
  createdAtMs: nowMs,
  expiresAtMs: nowMs + keptMs.gemini_files,
  ...more,
});
const page = (more: Partial<PinPage> = {}): PinPage => ({
  limit: 2,
  after: null,
  order: 'desc',
  having: {},
  ...more,
});
const idsOf = (pins: readonly Pin[]): readonly string[] => pins.map(({ id }) => id);

describe('pins on Postgres', () => {
  it('of files and caches of Gemini are found by every replica, by their owner and the root key alone', async () => {
    await replica().remember(aPin('f'));
    await replica().remember(aPin('c', { kind: 'gemini_caches' }));
    const other = replica();
    expect(await other.find('gemini_files', 'f', { owner: mine })).toMatchObject({ accountId: 'account-1' });
    expect(await other.find('gemini_caches', 'c', { owner: null })).toMatchObject({ id: 'c', owner: mine });
    expect(await other.find('gemini_files', 'f', { owner: theirs })).toBeNull();
    expect(await other.find('gemini_files', 'c', { owner: mine })).toBeNull();
  });

  it('under a name that two keys have chosen are two, each with its account', async () => {
    await replica().remember(aPin('same'));
    await replica().remember(aPin('same', { owner: theirs, accountId: asId<'Account'>('account-2') }));
    const other = replica();
    expect(await other.find('gemini_files', 'same', { owner: mine })).toMatchObject({
      accountId: 'account-1',
    });
    expect(await other.find('gemini_files', 'same', { owner: theirs })).toMatchObject({
      accountId: 'account-2',
    });
  });

  it('are listed from where a page ended, also when what stood there is gone, and in one order at one instant', async () => {
    const pins = ['a', 'b', 'c', 'd', 'e'].map((id) => aPin(id));
    await Promise.all(pins.map((pin) => replica().remember(pin)));
    const seen: string[] = [];
    let after: PinPage['after'] = null;
    for (;;) {
      const found = await replica().list('gemini_files', { owner: mine }, page({ after }));
      const last = found.at(-1);
      if (last === undefined) break;
      seen.push(...idsOf(found));
      after = { id: last.id, createdAtMs: last.createdAtMs };
      for (const pin of found) await replica().forget(pin);
    }
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a']);
  });

  it('end when their provider says, and live longer when their owner prolongs them', async () => {
    const cache = aPin('c', { kind: 'gemini_caches', expiresAtMs: nowMs + hourMs });
    await replica().remember(cache);
    await replica().remember({ ...cache, expiresAtMs: nowMs + 3 * hourMs });
    nowMs += 2 * hourMs;
    expect(await replica().find('gemini_caches', 'c', { owner: mine })).not.toBeNull();
    nowMs += hourMs;
    expect(await replica().find('gemini_caches', 'c', { owner: mine })).toBeNull();
    await replica().prune();
    expect(await replica().list('gemini_caches', { owner: mine }, page())).toEqual([]);
  });

  it('keep what was told of a thing when a later word tells nothing, and its place in lists', async () => {
    const first = aPin('first');
    await replica().remember(first);
    nowMs += 1;
    await replica().remember(aPin('second'));
    await replica().remember({ ...first, createdAtMs: nowMs + 1, body: null });
    const [second, again] = await replica().list('gemini_files', { owner: mine }, page());
    expect([second?.id, again?.id]).toEqual(['second', 'first']);
    expect(again?.body).toEqual({ name: 'files/first' });
  });
});
