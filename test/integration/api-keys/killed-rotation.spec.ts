import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource, type QueryRunner } from 'typeorm';
import { AuditVerifier } from '#audit';
import { ApiKeysService, ApiKeyVerifier, RotationService } from '#api-keys';
import type { Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { namedKey, root, startProcess } from './api-keys-process.js';

const pepper = namedKey('pepper');
const draft = { graceSeconds: 60, idempotencyKey: 'one' };

let database: TestDatabase;
let app: TestingModule;
beforeAll(async () => {
  database = await createTestDatabase();
  app = await startProcess({ url: database.url, keyPeppers: [pepper] });
}, 60_000);
afterAll(async () => {
  await app.close();
  await database.drop();
});

const query = <Rows>(statement: string): Promise<Rows> => app.get(DataSource).query(statement);
const isValid = async (secret: Secret | null): Promise<boolean> => {
  await app.get(ChangeFeed).refresh();
  return secret !== null && app.get(ApiKeyVerifier).verify(secret.reveal()) !== null;
};

/** What is kept of a key: its secrets, its rotations, its events. */
async function keptOf(id: string): Promise<number[]> {
  const [row] = await query<Record<string, number>[]>(
    `SELECT (SELECT count(*) FROM api_key_secrets WHERE api_key_id = '${id}')::integer AS secrets,
       (SELECT count(*) FROM rotations WHERE api_key_id = '${id}')::integer AS rotations,
       (SELECT count(*) FROM audit_events WHERE action = 'api_key.rotated' AND targets @> ARRAY['api_key:${id}'])::integer AS events`,
  );
  return Object.values(row ?? {});
}

/** Starts a process that rotates the key, and kills it with -9 when it is time. */
async function killed(id: string, isTime: (output: () => string) => Promise<boolean>): Promise<void> {
  const script = `
    import 'reflect-metadata';
    import { importTypeScript } from './test/support/import-typescript.js';
    const { rotateUntilKilled } = await importTypeScript('../integration/api-keys/rotate-until-killed.ts');
    await rotateUntilKilled(...process.argv.slice(1));`;
  const args = [database.url.reveal(), pepper.material.reveal(), id];
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (piece) => (output += String(piece)));
  const ended = once(child, 'close');
  await until(
    () => isTime(() => output),
    (yes) => yes,
  );
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

describe('a process killed with -9 while it rotates a key', () => {
  it('before the commit has changed nothing; the same request is done by the next', async () => {
    const { key, secret: old } = await app.get(ApiKeysService).create({ name: 'a', scopes: ['call'] }, root);
    // The end of the chain is held, so that the rotation stands still before its last statement.
    const holder: QueryRunner = app.get(DataSource).createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT FROM audit_head()');
    await killed(key.id, async () => (await query<object[]>(waiting)).length > 0);
    await holder.rollbackTransaction();
    await holder.release();
    await until(
      () => query<object[]>(waiting),
      (rows) => rows.length === 0,
    );
    expect(await keptOf(key.id)).toEqual([1, 0, 0]);
    expect(await isValid(old)).toBe(true);
    const { secret } = await app.get(RotationService).rotate(key.id, draft, root);
    expect([await isValid(old), await isValid(secret)]).toEqual([true, true]);
    expect(await keptOf(key.id)).toEqual([2, 1, 1]);
  }, 60_000);

  it('after the commit has rotated it; the same request finds that, and an emergency gets a secret at hand', async () => {
    const { key, secret: old } = await app.get(ApiKeysService).create({ name: 'b', scopes: ['call'] }, root);
    await killed(key.id, async (output) => output().includes('rotated'));
    expect(await keptOf(key.id)).toEqual([2, 1, 1]);
    const again = await app.get(RotationService).rotate(key.id, draft, root);
    expect(again.secret).toBeNull();
    expect(await keptOf(key.id)).toEqual([2, 1, 1]);
    expect(await isValid(old)).toBe(true);
    const { secret } = await app.get(RotationService).rotate(key.id, { emergency: true }, root);
    expect(await isValid(secret)).toBe(true);
    expect(await app.get(AuditVerifier).verify()).toMatchObject({ ok: true });
  }, 60_000);
});

const waiting = `
  SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%audit_head()%'`;
