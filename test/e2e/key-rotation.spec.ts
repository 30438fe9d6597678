import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
  await gateway.addAccount('openai', 'sk-sim-one');
});
afterAll(() => gateway.close());

async function call(secret: unknown): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${String(secret)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await response.arrayBuffer();
  return response.status;
}
const aKey = async () => (await gateway.admin('POST', '/api-keys', { name: 'team', scopes: ['call'] })).body;

describe('a system key', () => {
  it('serves calls by both secrets until the deadline, and by the new one alone after it', async () => {
    const { id, secret: old } = await aKey();
    const { status, body } = await gateway.admin('POST', `/api-keys/${String(id)}/rotate`, {
      graceSeconds: 3,
    });
    expect(status).toBe(200);
    expect([await call(old), await call(body['secret'])]).toEqual([200, 200]);
    await until(
      () => call(old),
      (answered) => answered === 401,
    );
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(body['previousValidUntil'])));
    expect(await call(body['secret'])).toBe(200);
    const { body: shown } = await gateway.admin('GET', `/rotations/${String(body['rotationId'])}`);
    expect(shown).toMatchObject({ state: 'done', cause: 'manual', resourceId: id });
    expect(JSON.stringify(shown)).not.toContain(String(body['secret']));
  });

  it('is rotated once by a request that is sent twice', async () => {
    const { id } = await aKey();
    const rotate = () =>
      gateway.admin(
        'POST',
        `/api-keys/${String(id)}/rotate`,
        {},
        { 'idempotency-key': `rotate-${String(id)}` },
      );
    const first = await rotate();
    expect((await rotate()).body).toEqual(first.body);
    expect(await call(first.body['secret'])).toBe(200);
  });

  it('that has leaked is replaced at once', async () => {
    const { id, secret: old } = await aKey();
    const { body } = await gateway.admin('POST', `/api-keys/${String(id)}/rotate`, { emergency: true });
    expect([await call(old), await call(body['secret'])]).toEqual([401, 200]);
  });
});
