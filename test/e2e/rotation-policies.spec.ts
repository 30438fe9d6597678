import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminWorld } from '../support/admin-requests.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

let gateway: TestGateway;
let world: AdminWorld;
beforeAll(async () => {
  gateway = await startTestGateway({ providers: {} });
  world = new AdminWorld(gateway);
});
afterAll(() => gateway.close());

async function claim(
  body: unknown,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const response = await fetch(`${gateway.url}/claims`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(text) as Record<string, unknown>,
  };
}
async function modelsBy(secret: unknown): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/models`, {
    headers: { authorization: `Bearer ${String(secret)}` },
  });
  await response.arrayBuffer();
  return response.status;
}

describe('a key that is rotated by its policy', () => {
  it('works by both secrets from the claim to the deadline, then by the new one alone', async () => {
    const { body: key } = await gateway.admin('POST', '/api-keys', { name: 'rotated', scopes: ['call'] });
    const { status, body: policy } = await gateway.admin('POST', '/rotation-policies', {
      name: 'short',
      target: { kind: 'api_key', ids: [key['id']] },
      everyDays: 30,
      graceSeconds: 3,
      delivery: { kind: 'claim' },
    });
    expect({ status, policy }).toMatchObject({ status: 201, policy: { version: 1, signingSecret: null } });
    const rotation = await world.begun(String(key['id']));
    const offered = await gateway.admin('POST', `/rotations/${rotation}/claim-token`);
    expect(offered).toMatchObject({
      status: 200,
      body: { claimToken: expect.stringMatching(/^pap_claim_/) },
    });
    expect(offered.headers.get('cache-control')).toBe('no-store');
    const token = offered.body['claimToken'];
    const claimed = await claim({ token });
    expect(claimed).toMatchObject({ status: 200, body: { rotationId: rotation, apiKeyId: key['id'] } });
    expect(claimed.headers.get('cache-control')).toBe('no-store');
    const { secret, previousValidUntil } = claimed.body;
    expect([await modelsBy(key['secret']), await modelsBy(secret)]).toEqual([200, 200]);
    await until(
      () => modelsBy(key['secret']),
      (answered) => answered === 401,
    );
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(String(previousValidUntil)));
    expect(await modelsBy(secret)).toBe(200);

    const { body: shown } = await gateway.admin('GET', `/rotations/${rotation}`);
    expect(shown).toMatchObject({ state: 'done', cause: 'scheduled', policyId: policy['id'] });
    const { body: events } = await gateway.admin('GET', `/audit-events?target=rotation:${rotation}`);
    expect(events['data']).toMatchObject([
      { action: 'rotation.claimed', actor: { kind: 'unknown' }, ip: '127.0.0.1' },
      { action: 'rotation.claim_token_made', actor: { kind: 'root' } },
      { action: 'rotation.started', actor: { kind: 'system' } },
    ]);
    for (const text of [secret, token]) expect(JSON.stringify({ shown, events })).not.toContain(String(text));

    // Used, never made and nonsense: nobody is told which.
    const [used, unknown, nonsense] = await Promise.all(
      [token, `pap_claim_${'A'.repeat(43)}`, 'nonsense'].map((each) => claim({ token: each })),
    );
    const told = ({ status: code, body }: NonNullable<typeof used>) => ({ code, ...body, requestId: null });
    if (used === undefined || unknown === undefined || nonsense === undefined) throw new Error('no answer');
    expect(told(used)).toMatchObject({ code: 'not_found', status: 404 });
    expect([told(unknown), told(nonsense)]).toEqual([told(used), told(used)]);
  }, 60_000);

  it('is not claimed by trying, nor by a body that is too large or no claim', async () => {
    expect((await claim({ token: 'x'.repeat(10_000) })).status).toBe(413);
    expect((await claim({})).status).toBe(400);
    expect((await claim({ token: 7 })).status).toBe(400);
    const answered: number[] = [];
    for (let at = 0; at < 40; at += 1) answered.push((await claim({ token: `pap_claim_${at}` })).status);
    expect(new Set(answered)).toEqual(new Set([404, 429]));
    expect((await claim({ token: 'x' })).headers.get('retry-after')).toMatch(/^\d+$/);
  });
});
