import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
const dayMs = 86_400_000;

beforeAll(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
  await gateway.addAccount('openai', 'sk-sim-one');
});
afterAll(() => gateway.close());

interface Answer {
  readonly status: number;
  readonly retryAfter: number;
  readonly body: Record<string, unknown>;
}

async function keyWith(draft: object) {
  const { body } = await gateway.admin('POST', '/api-keys', { name: 'limited', scopes: ['call'], ...draft });
  const secret = String(body['secret']);
  const send = (more: object = {}, signal: AbortSignal | null = null, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        model: 'openai/gpt-4o-mini',
        messages: [{ role: 'user', content: 'Hello' }],
        ...more,
      }),
      signal,
    });
  const call = (more: object = {}): Promise<Answer> => send(more).then(read);
  return { id: String(body['id']), secret, send, call };
}

async function read(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer['body'];
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after')), body };
}

describe('requests of a key', () => {
  it('are as many a minute as it may, the next is told when', async () => {
    const { call } = await keyWith({ limits: { rpm: 2 } });
    expect([(await call()).status, (await call()).status]).toEqual([200, 200]);
    const refused = await call();
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
    expect(refused.retryAfter).toBeGreaterThanOrEqual(1);
    expect(refused.retryAfter).toBeLessThanOrEqual(30);
  });

  it('are refused in the words of each SDK', async () => {
    const { secret, call } = await keyWith({ limits: { rpm: 1 } });
    await call();
    const headers = { 'x-api-key': secret, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(gateway.url + path, { method: 'POST', headers, body: JSON.stringify(body) }).then(read);
    const messages = [{ role: 'user', content: 'Hello' }];
    expect(await post('/v1/messages', { model: 'openai/x', max_tokens: 5, messages })).toMatchObject({
      status: 429,
      body: { type: 'error', error: { type: 'rate_limit_error' } },
    });
    const contents = [{ parts: [{ text: 'Hello' }] }];
    expect(await post('/v1beta/models/openai/x:generateContent', { contents })).toMatchObject({
      status: 429,
      body: { error: { status: 'RESOURCE_EXHAUSTED' } },
    });
  });

  it('are those for what providers keep, too', async () => {
    const { secret, call } = await keyWith({ limits: { rpm: 2, maxConcurrency: 1 } });
    const headers = { authorization: `Bearer ${secret}` };
    const show = () => fetch(`${gateway.url}/v1/files/file-unknown`, { headers }).then(read);
    expect(await show()).toMatchObject({ status: 404 });
    expect(await call()).toMatchObject({ status: 200 });
    expect(await show()).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
  });

  it('go by a limit that is changed or taken away at once', async () => {
    const { id, call } = await keyWith({ limits: { rpm: 1 } });
    await call();
    expect((await call()).status).toBe(429);
    const patch = (version: number, limits: object | null) =>
      gateway.admin('PATCH', `/api-keys/${id}`, { limits }, { 'if-match': String(version) });
    expect(await patch(1, { rpm: 2, tpm: 1_000_000 })).toMatchObject({
      body: { limits: { rpm: 2, tpm: 1_000_000 } },
    });
    expect([(await call()).status, (await call()).status]).toEqual([200, 429]);
    expect(await patch(2, { rpm: null })).toMatchObject({ body: { limits: { rpm: null, tpm: 1_000_000 } } });
    expect((await call()).status).toBe(200);
    expect(await patch(3, null)).toMatchObject({
      body: { limits: { rpm: null, tpm: null, maxConcurrency: null } },
    });
    expect((await call()).status).toBe(200);
  });
});

describe('tokens of a key', () => {
  it('count as they were used', async () => {
    const { call } = await keyWith({ limits: { tpm: 400 } });
    const long = { messages: [{ role: 'user', content: 'word '.repeat(300) }] };
    expect((await call(long)).status).toBe(200);
    const refused = await call({ max_tokens: 200 });
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limit_exceeded' } } });
    expect(refused.retryAfter).toBeLessThanOrEqual(120);
  });
});

describe('calls of a key at once', () => {
  it('are as many as it has slots; a slot is free when its call has ended, failed, or its client has gone', async () => {
    const { call, send } = await keyWith({ limits: { maxConcurrency: 1 } });
    for (let round = 0; round < 3; round += 1) {
      const abort = new AbortController();
      gateway.simulator.addFault({ provider: 'openai', kind: 'slow_stream', delayMs: 20, count: 1 });
      const stream = await send({ stream: true, max_tokens: 500 }, abort.signal, { 'x-sim-chunks': '500' });
      await stream.body?.getReader().read();
      expect(await call()).toMatchObject({ status: 429, retryAfter: 1 });
      abort.abort();
      expect(await until(call, ({ status }) => status !== 429)).toMatchObject({ status: 200 });
    }
    expect((await call({ model: 'openai/' })).status).toBeGreaterThanOrEqual(400);
    expect((await call({ messages: 'no list' })).status).toBeGreaterThanOrEqual(400);
    expect((await call()).status).toBe(200);
  });
});

describe('the budget of a key', () => {
  it('lets calls through until it is spent, then says when the day ends; others go on', async () => {
    const { call } = await keyWith({ budget: { dailyUsd: '0.000001' } });
    const other = await keyWith({});
    expect((await call()).status).toBe(200);
    const refused = await call();
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'budget_exceeded' } } });
    const untilMidnight = Math.ceil((dayMs - (Date.now() % dayMs)) / 1000);
    expect(Math.abs(refused.retryAfter - untilMidnight)).toBeLessThanOrEqual(60);
    expect((await other.call()).status).toBe(200);
  });

  it('outlives a restart', async () => {
    const { call } = await keyWith({ budget: { monthlyUsd: '0.000001' } });
    expect((await call()).status).toBe(200);
    expect(await call()).toMatchObject({ status: 429, body: { error: { code: 'budget_exceeded' } } });
    await gateway.restart();
    expect(await call()).toMatchObject({ status: 429, body: { error: { code: 'budget_exceeded' } } });
  });

  it('is counted in metrics, as all that keys are refused', async () => {
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/pool_key_refusals_total\{limit="month_budget"\} [1-9]/);
  });

  it.each([
    ['limits.rpm', { limits: { rpm: 0 } }],
    ['budget.dailyUsd', { budget: { dailyUsd: '-1' } }],
    ['limits.colour', { limits: { colour: 1 } }],
  ])('and limits have their faults named: %s', async (field, draft) => {
    const { status, body } = await gateway.admin('POST', '/api-keys', {
      name: 'x',
      scopes: ['call'],
      ...draft,
    });
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_request', field } });
  });
});
