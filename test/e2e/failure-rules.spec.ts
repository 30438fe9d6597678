import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type AdminAnswer, type TestGateway } from '../support/test-gateway.js';

const keys = ['sk-sim-odd', 'sk-sim-good'];
const rule = {
  name: 'teapot',
  match: { status: 418 },
  class: 'quota_exhausted',
  cooldownSeconds: 3_600,
};
let gateway: TestGateway;
let openai: OpenAI;
let rulesPath: string;
let oddAccount: string;

beforeEach(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys } } });
  oddAccount = await gateway.addAccount('openai', keys[0] ?? '');
  const { body } = await gateway.admin('GET', '/providers');
  const [provider] = body['data'] as { id: string }[];
  rulesPath = `/providers/${provider?.id}/failure-rules`;
  gateway.simulator.addFault({ provider: 'openai', key: keys[0] ?? '', kind: 'status', status: 418 });
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.callerKey, maxRetries: 0 });
});
afterEach(() => gateway.close());

const call = () =>
  openai.chat.completions.create({
    model: 'openai/gpt-4o-mini',
    messages: [{ role: 'user', content: 'Hi' }],
  });
const stateOf = async (id: string) =>
  (await gateway.admin('GET', `/accounts/${id}`)).body['state'] as Record<string, unknown>;
const listed = ({ body }: AdminAnswer) => body['data'] as Record<string, unknown>[];

describe('failure rules over HTTP', () => {
  it('bench an account for an answer of its provider that only the operator knows, without a restart', async () => {
    await expect(call()).rejects.toMatchObject({ status: 418 });
    expect(await stateOf(oddAccount)).toMatchObject({ machine: 'closed' });

    const trial = await gateway.admin('POST', `${rulesPath}/dry-run`, rule);
    expect(trial.status).toBe(200);
    expect(trial.body).toMatchObject({
      examined: 1,
      changed: [
        {
          failure: { status: 418 },
          before: { class: 'invalid_request' },
          after: { class: 'quota_exhausted' },
        },
      ],
    });
    await expect(call()).rejects.toMatchObject({ status: 418 });

    const created = await gateway.admin('POST', rulesPath, rule);
    expect(created).toMatchObject({ status: 201, body: { ...rule, scope: 'account', enabled: true } });
    await gateway.addAccount('openai', keys[1] ?? '', { tier: 2 });
    expect((await call()).choices).toHaveLength(1);
    expect(await stateOf(oddAccount)).toMatchObject({ machine: 'out_of_quota', reason: 'operator.teapot' });
    const before = gateway.simulator.report().providers['openai']?.keys[keys[0] ?? '']?.calls;
    expect((await call()).choices).toHaveLength(1);
    expect(gateway.simulator.report().providers['openai']?.keys[keys[0] ?? '']?.calls).toBe(before);
  });

  it('show what was seen of failures, redacted', async () => {
    await expect(call()).rejects.toThrow();
    const recent = await gateway.admin('GET', rulesPath.replace('failure-rules', 'recent-failures'));
    expect(listed(recent)).toMatchObject([
      { status: 418, class: 'invalid_request', scope: 'request', rule: 'openai.status_400' },
    ]);
    expect(JSON.stringify(recent.body)).not.toContain(keys[0]);
  });

  it('are changed with If-Match, made once with an Idempotency-Key, and deleted', async () => {
    const once = { 'idempotency-key': 'teapot-1' };
    const first = await gateway.admin('POST', rulesPath, rule, once);
    const again = await gateway.admin('POST', rulesPath, rule, once);
    expect(again.body).toEqual(first.body);
    const path = `${rulesPath}/${String(first.body['id'])}`;
    expect((await gateway.admin('PATCH', path, { enabled: false })).status).toBe(428);
    const changed = await gateway.admin('PATCH', path, { enabled: false }, { 'if-match': '"1"' });
    expect(changed).toMatchObject({
      status: 200,
      body: { enabled: false, version: 2, match: { status: 418 } },
    });
    expect((await gateway.admin('PATCH', path, { order: 1 }, { 'if-match': '"1"' })).status).toBe(409);
    expect((await gateway.admin('DELETE', path)).status).toBe(204);
    expect((await gateway.admin('GET', path)).status).toBe(404);
  });

  it.each<[object, string]>([
    [{ ...rule, class: 'success' }, 'class'],
    [{ ...rule, match: { status: 418, header: 'x' } }, 'match.header'],
    [{ ...rule, match: null }, 'match'],
    [{ ...rule, class: 'invalid_request', scope: 'account' }, 'scope'],
    [{ ...rule, verdict: 'x' }, 'verdict'],
  ])('name the field at fault: %j', async (draft, field) => {
    const { status, headers, body } = await gateway.admin('POST', rulesPath, draft);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(JSON.stringify(body)).toContain(`"field":"${field}"`);
  });
});
