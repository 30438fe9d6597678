import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

const keys = ['sk-1', 'sk-2'];
const only = ['sk-only'];
/** A chunk each 200 ms is about 10 tokens a second: far below the floor, far above silence. */
const slow = { kind: 'slow_stream', delayMs: 200 } as const;
let gateway: TestGateway;

beforeAll(async () => {
  const output = { tokens: 20 };
  gateway = await startTestGateway(
    {
      providers: {
        openai: { keys, output },
        anthropic: { keys, output },
        google: { keys, output },
        groq: { keys: only, output },
      },
    },
    { UPSTREAM_STREAM_FLOOR_TOKENS_PER_SECOND: '100', UPSTREAM_STREAM_WINDOW_MS: '400' },
  );
  for (const provider of ['openai', 'anthropic', 'google'])
    for (const key of keys) await gateway.addAccount(provider, key);
  await gateway.addAccount('groq', 'sk-only');
});
afterAll(() => gateway.close());

const messages = [{ role: 'user', content: 'Hello' }];
const calls = [
  ['openai', '/v1/chat/completions', { model: 'openai/gpt-4o-mini', messages, stream: true }, '[DONE]'],
  ['openai', '/v1/responses', { model: 'openai/gpt-4o-mini', input: 'Hello', stream: true }, 'completed'],
  [
    'anthropic',
    '/v1/messages',
    { model: 'anthropic/claude-haiku-4-5', messages, max_tokens: 100, stream: true },
    'message_stop',
  ],
  [
    'google',
    '/v1beta/models/google/gemini-2.5-flash:streamGenerateContent?alt=sse',
    { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    'STOP',
  ],
] as const;

/** @param more further headers */
async function stream(path: string, body: object, more: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json', ...more },
    body: JSON.stringify(body),
  });
  return {
    status: answer.status,
    attempts: answer.headers.get('x-pool-attempts'),
    text: await answer.text(),
  };
}

const aborted = (provider: string) =>
  gateway.simulator.report().recent.filter((call) => call.provider === provider && call.aborted).length;

describe('a stream that begins below the floor', () => {
  it.each(calls)(
    'moves on, of %s %s, before its caller has seen any of it',
    async (provider, path, body, end) => {
      const before = aborted(provider);
      gateway.simulator.addFault({ provider, ...slow, count: 1 });
      const answer = await stream(path, body);
      expect(answer).toMatchObject({ status: 200, attempts: '2' });
      expect(answer.text).toContain(end);
      // The provider is told that nobody listens any more.
      await until(
        () => Promise.resolve(aborted(provider)),
        (count) => count === before + 1,
      );
    },
  );

  it('is passed on to its end where nobody else could take it over', async () => {
    gateway.simulator.addFault({ provider: 'groq', ...slow, count: 1 });
    const answer = await stream('/v1/chat/completions', { model: 'groq/llama-3', messages, stream: true });
    expect(answer).toMatchObject({ status: 200, attempts: '1' });
    expect(answer.text).toContain('[DONE]');
  });

  it('is passed on by the last account where all are slow, and where its caller wants no other', async () => {
    const [, path, body] = calls[0];
    const id = gateway.simulator.addFault({ provider: 'openai', ...slow });
    const all = await stream(path, body);
    expect(all).toMatchObject({ status: 200, attempts: '2' });
    expect(all.text).toContain('[DONE]');
    const bound = await stream(path, body, { 'x-pool-no-fallback': 'true' });
    expect(bound).toMatchObject({ status: 200, attempts: '1' });
    expect(bound.text).toContain('[DONE]');
    gateway.simulator.removeFault(id);
  });

  it('leaves a record of what it was, and no slot taken', async () => {
    const [, path, body] = calls[0];
    gateway.simulator.addFault({ provider: 'openai', ...slow, count: 1 });
    await stream(path, body, { 'x-pool-tags': 'case=record' });
    const look = async () => {
      const { body: page } = await gateway.admin('GET', '/usage/records?limit=500');
      const records = (page['data'] ?? []) as { tags: Record<string, string>; attempts: object[] }[];
      return records.find(({ tags }) => tags['case'] === 'record');
    };
    expect(await until(look, (record) => record !== undefined)).toMatchObject({
      attempts: [
        { status: 200, class: 'timeout' },
        { status: 200, class: null },
      ],
    });
    const idle = () => Promise.resolve(gateway.simulator.report().providers['openai']?.inFlight);
    await until(idle, (count) => count === 0);
  });
});
