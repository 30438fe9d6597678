import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { issueKey } from '../../libs/api-keys/src/domain/key-format.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

interface Denial {
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly ip: string | null;
  readonly facts: Record<string, unknown>;
}

let gateway: TestGateway;
beforeAll(async () => {
  const scenario = { providers: { openai: { keys: ['sk-sim-one'] } } };
  gateway = await startTestGateway(scenario, { TRUSTED_PROXIES: '1' });
  await gateway.addAccount('openai', 'sk-sim-one');
}, 60_000);
afterAll(() => gateway.close());

async function denials(): Promise<Denial[]> {
  const { body } = await gateway.admin('GET', '/audit-events?limit=500&action=denied');
  return body['data'] as Denial[];
}

describe('a refused call', () => {
  /** @returns the id of the key and the code of each refusal of one call */
  async function refused(draft: object, how: (id: string) => Promise<unknown> = async () => null) {
    const { body } = await gateway.admin('POST', '/api-keys', {
      name: 'refused',
      scopes: ['call'],
      ...draft,
    });
    expect(body['secret']).toBeDefined();
    await how(String(body['id']));
    const authorization = `Bearer ${String(body['secret'])}`;
    const paths = ['/v1/chat/completions', '/v1/files', '/v1/models'];
    const answers = await Promise.all(
      paths.map(async (path) => {
        const method = path === '/v1/chat/completions' ? 'POST' : 'GET';
        const call = JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [] });
        const headers = { authorization, 'content-type': 'application/json' };
        return fetch(gateway.url + path, { method, headers, body: method === 'GET' ? null : call });
      }),
    );
    for (const answer of answers) expect(await answer.text()).not.toContain(String(body['id']));
    return String(body['id']);
  }

  async function expired(): Promise<string> {
    const endMs = Date.now() + 1_000;
    const end = { expiresAt: new Date(endMs).toISOString() };
    return refused(end, () =>
      until(
        async () => Date.now(),
        (nowMs) => nowMs > endMs,
      ),
    );
  }

  it('of a key that is known is counted as its own, in every plane, and its answer does not say so', async () => {
    const act = (verb: string) => (id: string) => gateway.admin('POST', `/api-keys/${id}/${verb}`);
    const byReason = {
      disabled: await refused({}, act('disable')),
      revoked: await refused({}, act('revoke')),
      expired: await expired(),
      elsewhere: await refused({ ipAllowlist: ['192.0.2.1'] }),
      scope: await refused({ scopes: ['audit:read'] }),
      model: await refused({ models: { allow: ['gpt-5'] } }),
    };
    await gateway.restart();
    const denied = await denials();
    const countsOf = (id: string) => denied.filter(({ actor }) => actor.id === id).map(({ facts }) => facts);
    for (const reason of ['disabled', 'revoked', 'expired'] as const)
      expect({ reason, facts: countsOf(byReason[reason]) }).toEqual({
        reason,
        facts: [{ reason: 'invalid_api_key', count: 3 }],
      });
    expect(countsOf(byReason.elsewhere)).toEqual([{ reason: 'ip_not_allowed', count: 3 }]);
    expect(countsOf(byReason.scope)).toEqual([{ reason: 'insufficient_scope', count: 3 }]);
    expect(countsOf(byReason.model)).toEqual([{ reason: 'model_not_allowed', count: 1 }]);
  }, 60_000);

  it('is not put to the account of a key of which only the lookup id is known', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'framed', scopes: ['call'] });
    await gateway.admin('POST', `/api-keys/${String(body['id'])}/disable`);
    const forged = sameKeyId(String(body['secret']));
    const answer = await fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': forged } });
    expect(answer.status).toBe(401);
    await gateway.restart();
    expect((await denials()).filter(({ actor }) => actor.id === body['id'])).toEqual([]);
  }, 60_000);

  it('is counted as what it was when the answer is that there were too many', async () => {
    const headers = { 'x-api-key': 'pap_live_wrong', 'x-forwarded-for': '203.0.113.9' };
    const statuses = new Map<number, number>();
    for (let i = 0; i < 160; i += 1) {
      const { status } = await fetch(`${gateway.url}/v1/files`, { headers });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 401: 150, 429: 10 });
    await gateway.restart();
    expect((await denials()).filter(({ ip }) => ip === '203.0.113.9')).toMatchObject([
      { actor: { kind: 'unknown' }, facts: { reason: 'invalid_api_key', count: 160 } },
    ]);
  }, 60_000);
});

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Another key, well-formed, of the same lookup id: what somebody can make who has seen a preview. */
function sameKeyId(secret: string): string {
  const keyId = [...(secret.split('_')[2] ?? '')];
  const number = keyId.reduce((sum, digit) => sum * 62n + BigInt(digits.indexOf(digit)), 0n);
  const bytes = Buffer.from(number.toString(16).padStart(16, '0'), 'hex');
  const forged = issueKey('live', (count) => (count === 8 ? bytes : randomBytes(count)));
  expect(forged.keyId).toBe(keyId.join(''));
  return forged.secret.reveal();
}
