import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Secret } from '#kernel';
import { GuardedWebhookSender } from '../../../apps/gateway/src/guarded-webhook-sender.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { WebhookReceiver } from '../../support/webhook-receiver.js';
import { dayMs, RotationBench } from './a-rotation-bench.js';
import { namedKey, startProcess } from './api-keys-process.js';

const [encryption, pepper] = [namedKey('key'), namedKey('pepper')];
const sender = new GuardedWebhookSender();
let database: TestDatabase;
let bench: RotationBench;
let receiver: WebhookReceiver;
let url: string;
/** Holds locks, so that a process stops where a test wants it to. */
let holder: pg.Client;
let nowMs: number;

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { encryptionKeys: [encryption], keyPeppers: [pepper], webhooks: sender };
  bench = new RotationBench(
    await startProcess({ url: database.applicationUrl, clock: { nowMs: () => nowMs }, ...options }),
  );
  holder = new pg.Client({ connectionString: database.url.reveal() });
  await holder.connect();
});
beforeEach(async () => {
  nowMs = Date.now();
  receiver = new WebhookReceiver();
  url = await receiver.listen();
});
afterEach(() => receiver.close());
afterAll(async () => {
  await holder.end();
  await bench.app.close();
  await sender.onApplicationShutdown();
  await database.drop();
});

const dueKey = async () => {
  const delivery = { kind: 'webhook', url, privateHosts: 'allow' };
  const made = await bench.keyUnder({ delivery, graceSeconds: 60 });
  nowMs += 30 * dayMs + 10_000;
  return made;
};
const hold = async (id: string): Promise<void> => {
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM api_keys WHERE id = $1 FOR UPDATE', [id]);
};
const isHeldUp = async (): Promise<boolean> => {
  const { rowCount } = await holder.query('SELECT 1 FROM pg_locks WHERE NOT granted');
  return (rowCount ?? 0) > 0;
};
/** What a process that died held is free when its lease is over. */
const goOn = async (): Promise<void> => {
  await bench.tick();
  nowMs += 60_001;
  await bench.tick();
};

/** Another process works; it is killed with -9 when the time has come. */
async function killWhen(isTime: () => Promise<boolean>): Promise<void> {
  const script = `
    import 'reflect-metadata';
    import { importTypeScript } from './test/support/import-typescript.js';
    const { rotateByPolicyUntilKilled } = await importTypeScript('../integration/api-keys/rotate-by-policy-until-killed.ts');
    await rotateByPolicyUntilKilled(...process.argv.slice(1));`;
  const keys = [encryption, pepper].map(({ id, material }) => `${id}:${material.reveal()}`);
  const given = [database.applicationUrl.reveal(), String(nowMs), ...keys];
  const args = ['--input-type=module', '--eval', script, ...given];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  await until(isTime, (yes) => yes);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

describe('a rotation by policy whose process is killed with -9', () => {
  it('while it begins, has not begun, and is begun once by the next process', async () => {
    const { id, old } = await dueKey();
    await hold(id);
    await killWhen(isHeldUp);
    await holder.query('ROLLBACK');
    expect([await bench.runsOf(id), await bench.secretsOf(id)]).toEqual([[], 1]);
    await goOn();
    await bench.tick();
    expect(await bench.runsOf(id)).toMatchObject([{ state: 'delivering' }]);
    expect([bench.holderOf(old), await bench.secretsOf(id)]).toEqual([id, 2]);
  });

  it('while it delivers, is delivered again, the same secret under the same id', async () => {
    const { id, old } = await dueKey();
    await bench.tick();
    nowMs += 5_000;
    receiver.answer = () => new Promise(() => undefined);
    await killWhen(async () => receiver.received.length === 1);
    expect(await bench.runOf(id)).toMatchObject({ state: 'delivering', attempts: 0 });
    await expectDeliveredOnceMore(id, old);
  });

  it('after its delivery was taken but before that was noted, is delivered again and ends once', async () => {
    const { id, old } = await dueKey();
    await bench.tick();
    nowMs += 5_000;
    receiver.answer = async () => {
      await hold(id);
      return { status: 200 };
    };
    await killWhen(async () => receiver.received.length === 1 && (await isHeldUp()));
    await holder.query('ROLLBACK');
    expect(await bench.runOf(id)).toMatchObject({ state: 'delivering' });
    expect(bench.holderOf(old)).toBe(id);
    await expectDeliveredOnceMore(id, old);
  });
});

async function expectDeliveredOnceMore(id: string, old: Secret): Promise<void> {
  receiver.answer = async () => ({ status: 200 });
  await goOn();
  expect(receiver.received).toHaveLength(2);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  const secrets = receiver.received.map(
    ({ body }) => (JSON.parse(body) as { data: { secret: string } }).data.secret,
  );
  expect(new Set(secrets).size).toBe(1);
  expect(await bench.runOf(id)).toMatchObject({ state: 'overlapping' });
  expect(bench.holderOf(new Secret(secrets[0] ?? ''))).toBe(id);
  expect(await bench.secretsOf(id)).toBe(2);
  expect(await bench.eventsOf(id)).toEqual(['rotation.started', 'rotation.delivered']);
  nowMs += 60_000;
  expect(bench.holderOf(old)).toBeNull();
}
