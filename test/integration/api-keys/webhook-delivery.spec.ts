import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { KeyChanger } from '#api-keys';
import { Secret } from '#kernel';
import { GuardedWebhookSender } from '../../../apps/gateway/src/guarded-webhook-sender.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { isGenuine, WebhookReceiver } from '../../support/webhook-receiver.js';
import { dayMs, RotationBench } from './a-rotation-bench.js';
import { root, startProcess } from './api-keys-process.js';

let database: TestDatabase;
let one: RotationBench;
let two: RotationBench;
let receiver: WebhookReceiver;
let url: string;
const sender = new GuardedWebhookSender();
let nowMs = Date.now();
const clock = { nowMs: () => nowMs };

beforeAll(async () => {
  database = await createTestDatabase();
  const options = { url: database.applicationUrl, clock, webhooks: sender };
  one = new RotationBench(await startProcess(options));
  two = new RotationBench(await startProcess(options));
});
beforeEach(async () => {
  await one.app.get(DataSource).query('DELETE FROM api_keys');
  receiver = new WebhookReceiver();
  url = await receiver.listen();
});
afterEach(() => receiver.close());
afterAll(async () => {
  await Promise.all([one, two].map(({ app }) => app.close()));
  await sender.onApplicationShutdown();
  await database.drop();
});

const both = () => Promise.all([one.tick(), two.tick()]);
const later = async (ms: number) => {
  nowMs += ms;
  await both();
};
/** A key whose rotation has begun; nothing is sent yet. */
const begun = async (more: object = {}, by: KeyChanger = root) => {
  const delivery = { kind: 'webhook', url: `${url}/keys`, privateHosts: 'allow' };
  const made = await one.keyUnder({ delivery, graceSeconds: 60, ...more }, {}, by);
  await later(30 * dayMs + 10_000);
  return { ...made, signingSecret: made.signingSecret?.reveal() ?? '' };
};
const secretIn = ({ body }: { body: string }): Secret =>
  new Secret((JSON.parse(body) as { data: { secret: string } }).data.secret);

describe('a new secret that goes by webhook', () => {
  it('is sent once, signed, when every process knows it; the older one ends after the grace', async () => {
    const { id, old, signingSecret } = await begun();
    expect(receiver.received).toHaveLength(0);
    await later(5_000);
    await both();
    expect(receiver.received).toHaveLength(1);
    const [message] = receiver.received;
    if (message === undefined) return;
    expect(await isGenuine(message, signingSecret, nowMs)).toBe(true);
    expect(
      await isGenuine({ ...message, body: message.body.replace('team', 'tram') }, signingSecret, nowMs),
    ).toBe(false);
    const run = await one.runOf(id);
    expect(JSON.parse(message.body)).toMatchObject({
      type: 'api_key.rotated',
      data: { rotationId: run.id, apiKeyId: id, apiKeyName: 'team', previousGraceSeconds: 60 },
    });
    expect(run).toMatchObject({ state: 'overlapping', previousValidUntil: new Date(nowMs + 60_000) });
    const secret = secretIn(message);
    expect([old, secret].map((each) => two.holderOf(each))).toEqual([id, id]);
    nowMs += 60_000;
    expect([old, secret].map((each) => one.holderOf(each))).toEqual([null, id]);
    expect(await one.eventsOf(id)).toEqual(['rotation.started', 'rotation.delivered']);
  });

  it('is sent again, the same under the same id, until a 2xx; the older secret stays meanwhile', async () => {
    const { id, old } = await begun();
    const answers = [
      { status: 500 },
      { status: 307, location: `${url}/elsewhere` },
      { status: 404 },
      { status: 204 },
    ];
    receiver.answer = async () => answers.shift() ?? { status: 200 };
    await later(5_000);
    expect(await one.runOf(id)).toMatchObject({ state: 'delivering', reason: 'http_500', attempts: 1 });
    await later(29_999);
    expect(receiver.received).toHaveLength(1);
    await later(1);
    expect(await one.runOf(id)).toMatchObject({ reason: 'http_307', attempts: 2 });
    await later(60_000);
    expect(await one.runOf(id)).toMatchObject({ reason: 'http_404', attempts: 3 });
    expect(one.holderOf(old)).toBe(id);
    await one.claims.retry((await one.runOf(id)).id);
    await both();
    expect(await one.runOf(id)).toMatchObject({ state: 'overlapping', reason: null });
    const messages = receiver.received;
    expect(messages.map(({ path }) => path)).toEqual(Array(4).fill('/keys'));
    expect(new Set(messages.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(messages.map((message) => secretIn(message).reveal())).size).toBe(1);
  });

  it('is given up when its receiver stays away, and is refused from then on', async () => {
    const { id, old } = await begun();
    await receiver.close();
    for (let at = 0; at < 12; at += 1) await later(3_700_000);
    expect(await one.runOf(id)).toMatchObject({ state: 'failed', reason: 'econnrefused', attempts: 11 });
    expect([one.holderOf(old), await one.secretsOf(id)]).toEqual([id, 1]);
    receiver = new WebhookReceiver();
    await receiver.listen(Number(new URL(url).port));
    await later(dayMs);
    await later(5_000);
    expect(await one.runOf(id)).toMatchObject({ state: 'overlapping' });
  });

  it('goes to no private address unless its policy says so, and to metadata addresses never', async () => {
    const make = (to: string, privateHosts: string) =>
      one.keyUnder({ delivery: { kind: 'webhook', url: to, privateHosts } });
    for (const [to, privateHosts] of [
      ['https://127.0.0.1/', 'deny'],
      ['https://localhost/', 'deny'],
      ['https://[::1]/', 'deny'],
      ['https://10.1.2.3/', 'deny'],
      ['https://169.254.169.254/', 'allow'],
      ['https://[fe80::1]/', 'allow'],
      ['http://metadata.google.internal/', 'allow'],
    ] as const)
      await expect(make(to, privateHosts)).rejects.toMatchObject({ details: { field: 'delivery.url' } });
    const { id } = await begun();
    // As if the name had led elsewhere when the policy was made.
    await one.app
      .get(DataSource)
      .query(`UPDATE rotation_policies SET delivery = delivery || '{"privateHosts": "deny"}'`);
    await later(5_000);
    expect(await one.runOf(id)).toMatchObject({ state: 'delivering', reason: 'address_refused' });
    expect(receiver.received).toHaveLength(0);
  });

  it('is not sent once who made the policy may not give the key any more', async () => {
    const { key } = await one.keys.create({ name: 'maker', scopes: ['call', 'admin:write'] }, root);
    const { id } = await begun({}, { ...root, apiKeyId: key.id, scopes: key.scopes });
    await one.keys.update(id, 1, { scopes: ['call', 'audit:read'] }, root);
    await later(5_000);
    expect(await one.runOf(id)).toMatchObject({ state: 'failed', reason: 'maker_not_allowed' });
    expect(receiver.received).toEqual([]);
  });

  it('is not sent where the policy says otherwise meanwhile', async () => {
    const { id, policy } = await begun();
    await one.policies.update(policy.id, 1, { delivery: { kind: 'claim' } }, root);
    await later(5_000);
    expect(await one.runOf(id)).toMatchObject({ state: 'failed', reason: 'policy_changed' });
    expect(receiver.received).toEqual([]);
  });
});
