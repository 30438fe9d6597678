import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { KeyChanger } from '#api-keys';
import { asId, Secret } from '#kernel';
import { EncryptionKeys, SecretBox } from '#secrets';
import { SealedRows } from '../../../libs/secrets/src/persistence/sealed-rows.js';
import { Rewrapper } from '../../../libs/secrets/src/rewrap/rewrapper.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { dayMs, RotationBench } from './a-rotation-bench.js';
import { namedKey, root, sharedEncryptionKey, startProcess } from './api-keys-process.js';

let database: TestDatabase;
let one: RotationBench;
let two: RotationBench;
let nowMs = Date.now();
const clock = { nowMs: () => nowMs };

beforeAll(async () => {
  database = await createTestDatabase();
  one = new RotationBench(await startProcess({ url: database.applicationUrl, clock }));
  two = new RotationBench(await startProcess({ url: database.applicationUrl, clock }));
});
beforeEach(() => one.app.get(DataSource).query('DELETE FROM api_keys'));
afterAll(async () => {
  await Promise.all([one, two].map(({ app }) => app.close()));
  await database.drop();
});

const both = () => Promise.all([one.tick(), two.tick()]);
/** Past the time at which any key of 30 days begins. */
const becomeDue = async () => {
  nowMs += 30 * dayMs + 10_000;
  await both();
};
const claimed = async (id: string) => {
  const { claimToken } = await one.claims.offer((await one.runOf(id)).id, root);
  return { claimToken, ...(await one.claims.claim(claimToken)) };
};

describe('a key under a policy', () => {
  it('is warned of once at each day and begun once, however many processes look', async () => {
    const { id } = await one.keyUnder();
    const { policy } = await two.policies.list({ limit: 500, cursor: null }).then(({ data }) => ({
      policy: data.find(({ target }) => target.ids.includes(id)),
    }));
    const dueMs = policy?.nextDueAt?.getTime() ?? 0;
    for (const days of [7.01, 7, 6, 3, 2, 1, 0.5]) {
      nowMs = dueMs - days * dayMs;
      await both();
      await both();
    }
    expect(await one.eventsOf(id)).toEqual(Array(3).fill('rotation.warned'));
    nowMs = dueMs;
    await both();
    await both();
    expect(await one.eventsOf(id)).toEqual([...Array(3).fill('rotation.warned'), 'rotation.started']);
    expect(await one.runsOf(id)).toMatchObject([{ cause: 'scheduled', state: 'awaiting_claim' }]);
    expect(await one.secretsOf(id)).toBe(2);
  });

  it('works by both secrets from the claim to the end of the grace, then by the new one alone', async () => {
    const { id, old } = await one.keyUnder({ graceSeconds: 60 });
    await becomeDue();
    const before = await one.runOf(id);
    expect(before).toMatchObject({ state: 'awaiting_claim', previousValidUntil: null });
    nowMs += dayMs;
    await both();
    const { secret, previousValidUntil } = await claimed(id);
    expect(previousValidUntil.getTime()).toBe(nowMs + 60_000);
    expect([one.holderOf(old), one.holderOf(secret)]).toEqual([id, id]);
    expect(await one.runOf(id)).toMatchObject({ state: 'overlapping', nextLookAt: null });
    nowMs += 60_000;
    expect([one.holderOf(old), one.holderOf(secret)]).toEqual([null, id]);
    expect(await one.runOf(id)).toMatchObject({ state: 'done' });
    expect(await one.eventsOf(id)).toEqual([
      'rotation.started',
      'rotation.claim_token_made',
      'rotation.claimed',
    ]);
    await becomeDue();
    expect(await one.runsOf(id)).toHaveLength(2);
    expect(await one.secretsOf(id)).toBe(2);
  });

  it('keeps the older secret when nobody claims the new one, and is tried again a day later', async () => {
    const { id, old } = await one.keyUnder({ delivery: { kind: 'claim', claimSeconds: 3600 } });
    await becomeDue();
    const { claimToken } = await one.claims.offer((await one.runOf(id)).id, root);
    nowMs += 3_600_000;
    await both();
    expect(await one.runOf(id)).toMatchObject({ state: 'failed', reason: 'claim_expired' });
    await expect(one.claims.claim(claimToken)).rejects.toMatchObject({ code: 'not_found' });
    expect([one.holderOf(old), await one.secretsOf(id)]).toEqual([id, 1]);
    nowMs += dayMs;
    await both();
    expect((await one.runsOf(id)).map(({ state }) => state)).toEqual(['awaiting_claim', 'failed']);
  });

  it('loses the older secret at a hard deadline, claimed or not; called off before it, it keeps it', async () => {
    const hard = { hardDeadline: true, graceSeconds: 60 };
    const { id, old } = await one.keyUnder(hard);
    const { id: spared, old: kept } = await one.keyUnder(hard);
    await becomeDue();
    expect(await one.runOf(id)).toMatchObject({ previousValidUntil: new Date(nowMs + 60_000) });
    await one.claims.abort((await one.runOf(spared)).id);
    nowMs += 60_000;
    expect([one.holderOf(old), one.holderOf(kept)]).toEqual([null, spared]);
    const { secret } = await claimed(id);
    expect(one.holderOf(secret)).toBe(id);
  });

  it('never has its expiry put off by the grace', async () => {
    const expiresAt = new Date(nowMs + 40 * dayMs);
    const { id } = await one.keyUnder({ graceSeconds: 90 * 86_400 }, { expiresAt });
    await becomeDue();
    expect((await claimed(id)).previousValidUntil).toEqual(expiresAt);
  });

  it('is not rotated while two secrets are valid, and later by as long as it was rotated by hand', async () => {
    const { id } = await one.keyUnder({ warnDays: [] });
    nowMs += 25 * dayMs;
    await one.rotations.rotate(id, { graceSeconds: 60 }, root);
    nowMs += 6 * dayMs;
    await both();
    expect(await one.runsOf(id)).toHaveLength(1);
    nowMs += 24 * dayMs;
    await one.app
      .get(DataSource)
      .query(`UPDATE api_key_secrets SET valid_until = $1 WHERE valid_until IS NOT NULL`, [
        new Date(nowMs + 5_000),
      ]);
    await both();
    expect(await one.runsOf(id)).toHaveLength(1);
    nowMs += 5_000;
    await both();
    expect(await one.runsOf(id)).toMatchObject([{ cause: 'scheduled' }, { cause: 'manual' }]);
    expect(await one.secretsOf(id)).toBe(2);
  });
});

describe('a rotation under way', () => {
  it('is in the way of one by hand; an emergency ends it, its secret and the one in use', async () => {
    const { id, old } = await one.keyUnder();
    await becomeDue();
    const { claimToken } = await one.claims.offer((await one.runOf(id)).id, root);
    await expect(one.rotations.rotate(id, {}, root)).rejects.toMatchObject({ code: 'conflict' });
    const { secret } = await one.rotations.rotate(id, { emergency: true }, root);
    expect([one.holderOf(old), one.holderOf(secret)]).toEqual([null, id]);
    await expect(one.claims.claim(claimToken)).rejects.toMatchObject({ code: 'not_found' });
    expect(await one.runsOf(id)).toMatchObject([
      { cause: 'emergency' },
      { state: 'aborted', reason: 'emergency' },
    ]);
    expect(await one.secretsOf(id)).toBe(1);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['key_revoked', (id) => one.keys.revoke(id)],
    ['key_disabled', (id) => one.keys.disable(id)],
    ['key_expired', async () => (nowMs += 11 * dayMs)],
  ])('is aborted with the reason %s, and nothing can be claimed', async (reason, die) => {
    const delivery = { kind: 'claim', claimSeconds: 30 * 86_400 };
    const { id } = await one.keyUnder({ delivery }, { expiresAt: new Date(nowMs + 40 * dayMs) });
    await becomeDue();
    const { claimToken } = await one.claims.offer((await one.runOf(id)).id, root);
    await die(id);
    await expect(one.claims.claim(claimToken)).rejects.toMatchObject({ code: 'not_found' });
    await both();
    expect(await one.runOf(id)).toMatchObject({ state: 'aborted', reason });
    expect(await one.secretsOf(id)).toBe(1);
  });

  it('is called off by hand, and begun anew by hand', async () => {
    const { id, old } = await one.keyUnder();
    await becomeDue();
    const run = await one.runOf(id);
    await expect(one.claims.retry(run.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await one.claims.abort(run.id)).toMatchObject({ state: 'aborted', reason: 'by_hand' });
    await expect(one.claims.abort(run.id)).rejects.toMatchObject({ code: 'conflict' });
    expect([one.holderOf(old), await one.secretsOf(id)]).toEqual([id, 1]);
    await one.claims.retry(run.id);
    await both();
    expect((await one.runsOf(id)).map(({ state }) => state)).toEqual(['awaiting_claim', 'aborted']);
    await expect(one.claims.retry(run.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a new secret', () => {
  it('is claimed once, by the newest token, also when many try at once', async () => {
    const { id } = await one.keyUnder();
    await becomeDue();
    const run = await one.runOf(id);
    const { claimToken: older } = await one.claims.offer(run.id, root);
    const { claimToken } = await one.claims.offer(run.id, root);
    await expect(one.claims.claim(older)).rejects.toMatchObject({ code: 'not_found' });
    const tries = Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? one : two).claims.claim(claimToken));
    const done = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled');
    expect(done).toHaveLength(1);
    for (const wrong of [
      '',
      'pap_claim_',
      `pap_claim_${randomBytes(32).toString('base64url')}`,
      'x'.repeat(9_999),
    ])
      await expect(one.claims.claim(new Secret(wrong))).rejects.toMatchObject({
        code: 'not_found',
        message: 'There is nothing to claim by this token.',
      });
  });

  it('is sealed until it is claimed, then erased', async () => {
    const { id } = await one.keyUnder();
    await becomeDue();
    const sealed = async (): Promise<(Buffer | null)[]> => {
      const rows: { sealed_secret: Buffer | null }[] = await one.app
        .get(DataSource)
        .query('SELECT sealed_secret FROM rotations WHERE api_key_id = $1', [id]);
      return rows.map(({ sealed_secret }) => sealed_secret);
    };
    const [before] = await sealed();
    const { secret } = await claimed(id);
    expect(before?.includes(secret.reveal())).toBe(false);
    expect(await sealed()).toEqual([null]);
  });

  it('is claimed after its envelope was moved to another encryption key', async () => {
    const { id } = await one.keyUnder();
    await becomeDue();
    const { claimToken } = await one.claims.offer((await one.runOf(id)).id, root);
    const moved = new RotationBench(
      await startProcess({
        url: database.applicationUrl,
        clock,
        encryptionKeys: [namedKey('newer'), sharedEncryptionKey],
      }),
    );
    expect(moved.app.get(SealedRows).columns).toMatchObject([
      { table: 'rotation_policies', column: 'sealed_signing_secret', rowId: 'id' },
      { table: 'rotations', column: 'sealed_secret', rowId: 'id' },
    ]);
    const { keys } = await moved.app.get(EncryptionKeys).report();
    const sealed = keys.find(({ keyId }) => keyId === sharedEncryptionKey.id)?.rows ?? 0;
    expect(sealed).toBeGreaterThan(0);
    await moved.app.get(EncryptionKeys).rewrap(async () => undefined);
    await moved.app.get(Rewrapper).work();
    const after = await moved.app.get(EncryptionKeys).report();
    expect(after.keys.find(({ keyId }) => keyId === 'newer')?.rows).toBe(sealed);
    expect(moved.holderOf((await moved.claims.claim(claimToken)).secret)).toBe(id);
    await moved.app.close();
  });

  it('is not claimed while whoever holds the encryption key is away, and stays to be claimed', async () => {
    const { id } = await one.keyUnder();
    await becomeDue();
    const { claimToken } = await one.claims.offer((await one.runOf(id)).id, root);
    const away = { unreadable: true, reason: 'keys_unreachable' } as const;
    jest.spyOn(one.app.get(SecretBox), 'open').mockResolvedValueOnce(away);
    await expect(one.claims.claim(claimToken)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(one.holderOf((await one.claims.claim(claimToken)).secret)).toBe(id);
  });

  it('is offered to nobody who may do less than the key', async () => {
    const { id } = await one.keyUnder({}, { scopes: ['call', 'admin:write'] });
    await becomeDue();
    const narrow: KeyChanger = { ...root, apiKeyId: asId<'ApiKey'>(id), scopes: ['admin:write'] };
    await expect(one.claims.offer((await one.runOf(id)).id, narrow)).rejects.toMatchObject({
      code: 'insufficient_scope',
    });
  });
});
