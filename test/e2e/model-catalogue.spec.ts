import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Scenario } from '../../apps/provider-simulator/src/index.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

const listing = (openai: readonly string[]): Scenario => ({
  providers: {
    openai: { keys: ['sk-1'], models: openai },
    anthropic: { keys: ['sk-ant-1'], models: ['claude-haiku-4-5'] },
    google: { keys: ['g-1'], models: ['gemini-2.5-flash'] },
  },
});
const first = ['gpt-4o', 'gpt-4o-mini', 'o3'];
let gateway: TestGateway;
let accounts: Readonly<Record<string, string>>;

interface View {
  readonly models: readonly { readonly name: string; readonly allowed: boolean }[];
  readonly readAt: string | null;
  readonly fault: string | null;
}
const viewOf = async (id: string | undefined): Promise<View> =>
  (await gateway.admin('GET', `/accounts/${id}/models`)).body as unknown as View;
const namesOf = ({ models }: View): string[] => models.map(({ name }) => name);
const readAgain = async (before: string | null): Promise<View> =>
  until(
    () => viewOf(accounts['openai']),
    ({ readAt }) => readAt !== before,
  );

beforeAll(async () => {
  gateway = await startTestGateway(listing(first), { MODEL_REFRESH_HOURS: '6' });
  accounts = {
    openai: await gateway.addAccount('openai', 'sk-1'),
    anthropic: await gateway.addAccount('anthropic', 'sk-ant-1'),
    google: await gateway.addAccount('google', 'g-1'),
  };
  await gateway.admin('POST', '/routes', {
    name: 'smart',
    tiers: [[{ provider: 'openai', model: 'gpt-4o' }]],
  });
  for (const id of Object.values(accounts)) {
    await until(
      () => viewOf(id),
      ({ readAt }) => readAt !== null,
    );
  }
});
afterAll(() => gateway.close());

async function keyWith(rules: object = {}): Promise<string> {
  const { body } = await gateway.admin('POST', '/api-keys', { name: 'lister', scopes: ['call'], ...rules });
  return String(body['secret']);
}

async function get(path: string, key: string, more: Readonly<Record<string, string>> = {}) {
  const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}`, ...more } });
  return {
    status: response.status,
    body: (await response.json()) as { data?: { id: string }[]; models?: { name: string }[] },
  };
}

const idsOf = async (key: string): Promise<string[]> =>
  ((await get('/v1/models', key)).body.data ?? []).map(({ id }) => id);

const all = [
  'anthropic/claude-haiku-4-5',
  'google/gemini-2.5-flash',
  'openai/gpt-4o',
  'openai/gpt-4o-mini',
  'openai/o3',
  'smart',
];

describe('the catalogue of models', () => {
  it('is filled by itself, from the list of each provider', async () => {
    expect(await viewOf(accounts['openai'])).toEqual({
      models: first.map((name) => ({ name, allowed: true })),
      readAt: expect.any(String),
      fault: null,
    });
    expect(namesOf(await viewOf(accounts['anthropic']))).toEqual(['claude-haiku-4-5']);
    expect(namesOf(await viewOf(accounts['google']))).toEqual(['gemini-2.5-flash']);
  });

  it('is what a caller is shown besides the routes, in the wire format it asks in', async () => {
    expect(await idsOf(gateway.callerKey)).toEqual(all);
    const anthropic = await get('/v1/models', gateway.callerKey, { 'anthropic-version': '2023-06-01' });
    expect(anthropic.body.data?.map(({ id }) => id)).toEqual(all);
    const gemini = await get('/v1beta/models', gateway.callerKey);
    expect(gemini.body.models?.map(({ name }) => name)).toEqual(all.map((name) => `models/${name}`));
  });

  it('is shown as far as a key reaches, one model as the whole list', async () => {
    const bound = await keyWith({ models: { allow: ['openai/gpt-4o*'] } });
    expect(await idsOf(bound)).toEqual(['openai/gpt-4o', 'openai/gpt-4o-mini', 'smart']);
    expect((await get('/v1/models/openai/gpt-4o', bound)).status).toBe(200);
    expect((await get('/v1/models/openai/o3', bound)).status).toBe(404);
    expect(await idsOf(await keyWith({ providers: { deny: ['openai'] } }))).toEqual(all.slice(0, 2));
  });

  it('follows what people set for an account, and whether it is on', async () => {
    const path = `/accounts/${accounts['openai']}`;
    const change = async (body: object) => {
      const { body: account } = await gateway.admin('GET', path);
      const headers = { 'if-match': `"${String(account['version'])}"` };
      expect((await gateway.admin('PATCH', path, body, headers)).status).toBe(200);
    };
    await change({ models: { allow: [], deny: ['o*'] } });
    expect((await viewOf(accounts['openai'])).models).toContainEqual({ name: 'o3', allowed: false });
    expect(await idsOf(gateway.callerKey)).toEqual(all.filter((name) => name !== 'openai/o3'));
    await change({ models: { allow: [], deny: [] } });
    expect((await gateway.admin('POST', `${path}/disable`, { reason: 'test' })).status).toBeLessThan(300);
    expect(await idsOf(gateway.callerKey)).toEqual([...all.slice(0, 2), 'smart']);
    expect((await gateway.admin('POST', `${path}/enable`)).status).toBeLessThan(300);
    expect(await idsOf(gateway.callerKey)).toEqual(all);
  });

  it('is read again when its time has come', async () => {
    const { readAt } = await viewOf(accounts['openai']);
    gateway.simulator.setScenario(listing(['gpt-5']));
    const database = new pg.Client({ connectionString: gateway.ownerUrl.reveal() });
    await database.connect();
    // Six hours pass.
    await database.query(`UPDATE account_model_lists SET next_read_at = now() WHERE account_id = $1`, [
      accounts['openai'],
    ]);
    await database.end();
    expect(namesOf(await readAgain(readAt))).toEqual(['gpt-5']);
    expect(await idsOf(gateway.callerKey)).toEqual([...all.slice(0, 2), 'openai/gpt-5', 'smart']);
  });

  it('is read by hand at once, and keeps what it knew when the provider gives nothing', async () => {
    gateway.simulator.setScenario(listing(['gpt-6']));
    const path = `/accounts/${accounts['openai']}/models/refresh`;
    const read = await gateway.admin('POST', path);
    expect([read.status, namesOf(read.body as unknown as View)]).toEqual([200, ['gpt-6']]);
    gateway.simulator.revoke({ provider: 'openai', key: 'sk-1' });
    const failed = await gateway.admin('POST', path);
    expect(failed.body).toMatchObject({
      models: [{ name: 'gpt-6' }],
      fault: expect.stringMatching(/^openai\./),
    });
    expect(await idsOf(gateway.callerKey)).toContain('openai/gpt-6');
  });

  it('is shown and read for admins only, and of accounts that there are', async () => {
    for (const [method, path] of [
      ['GET', 'models'],
      ['POST', 'models/refresh'],
    ] as const) {
      expect((await gateway.admin(method, `/accounts/nobody/${path}`)).status).toBe(404);
      const answer = await fetch(`${gateway.url}/admin/v1/accounts/${accounts['openai']}/${path}`, {
        method,
        headers: { authorization: `Bearer ${gateway.callerKey}` },
      });
      expect(answer.status).toBe(403);
    }
  });
});
