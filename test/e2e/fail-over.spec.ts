import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import type { FaultEffect } from '../../apps/provider-simulator/src/index.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const keys = ['sk-sim-one', 'sk-sim-two', 'sk-sim-three', 'sk-sim-four'];
let gateway: TestGateway;
let openai: OpenAI;

/** So that who hangs is left soon. A busy machine takes longer to serve a hundred calls at once. */
const hasty = { UPSTREAM_FIRST_BYTE_TIMEOUT_MS: '300', UPSTREAM_IDLE_TIMEOUT_MS: '300' };

async function begin(environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const openaiOf = { keys, output: { tokens: 10, tokensPerSecond: 200 } };
  gateway = await startTestGateway({ providers: { openai: openaiOf } }, environment);
  for (const key of keys) await gateway.addAccount('openai', key);
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.callerKey, maxRetries: 0 });
}
afterEach(() => gateway.close());

const messages = [{ role: 'user' as const, content: 'Hello' }];
const plain = () => openai.chat.completions.create({ model: 'openai/gpt-4o-mini', messages });
const streamed = async () =>
  Array.fromAsync(
    await openai.chat.completions.create({ model: 'openai/gpt-4o-mini', messages, stream: true }),
  );

const bodyFaults: FaultEffect[] = [
  { kind: 'status', status: 401 },
  { kind: 'status', status: 403 },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'html_502' },
  { kind: 'rate_limited_no_hint' },
  { kind: 'absurd_retry_after' },
  { kind: 'hang' },
  { kind: 'reset_before_headers' },
];

describe('with all accounts but one broken', () => {
  beforeEach(() => begin(hasty));

  it.each([...bodyFaults, { kind: 'reset_mid_body' }, { kind: 'truncated_json' }] as FaultEffect[])(
    'a plain call succeeds: $kind $status',
    async (effect) => {
      for (const key of keys.slice(1)) gateway.simulator.addFault({ provider: 'openai', key, ...effect });
      for (let i = 0; i < 3; i += 1) expect((await plain()).choices).toHaveLength(1);
    },
    20_000,
  );

  it.each(bodyFaults)('a streamed call succeeds: $kind $status', async (effect) => {
    for (const key of keys.slice(1)) gateway.simulator.addFault({ provider: 'openai', key, ...effect });
    expect((await streamed()).length).toBeGreaterThan(1);
  });

  it('a stream that errs before its first output moves on unseen', async () => {
    for (const key of keys.slice(1)) {
      gateway.simulator.addFault({ provider: 'openai', key, kind: 'error_in_stream', afterChunks: 0 });
    }
    const chunks = await streamed();
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).not.toBe('');
  });
});

describe('after output has begun', () => {
  beforeEach(() => begin(hasty));

  it.each(['reset_mid_stream', 'hang_mid_stream', 'error_in_stream'] as const)(
    'a stream that breaks ends with an error the SDK throws, and is not sent twice: %s',
    async (kind) => {
      gateway.simulator.addFault({ provider: 'openai', kind });
      await expect(streamed()).rejects.toThrow();
      expect(gateway.simulator.report().providers['openai']?.calls).toBe(1);
    },
  );
});

describe('a benched key', () => {
  beforeEach(() => begin());

  it('is never used within its cool-down, and every request still succeeds', async () => {
    gateway.simulator.addFault({ provider: 'openai', key: keys[0] ?? '', kind: 'absurd_retry_after' });
    await Promise.all(Array.from({ length: 100 }, plain));
    const before = callsOf(keys[0]);
    await Promise.all(Array.from({ length: 100 }, plain));
    expect(callsOf(keys[0])).toBe(before);
  });
});

describe('a fault of the caller', () => {
  beforeEach(() => begin());

  it('is answered as the provider said it, once, and marks nobody', async () => {
    gateway.simulator.addFault({ provider: 'openai', kind: 'status', status: 400, count: 1 });
    await expect(plain()).rejects.toMatchObject({ status: 400 });
    expect(gateway.simulator.report().providers['openai']?.calls).toBe(1);
    const { body } = await gateway.admin('GET', '/accounts');
    const machines = (body['data'] as { state: { machine: string } }[]).map(({ state }) => state.machine);
    expect(new Set(machines)).toEqual(new Set(['closed']));
  });
});

function callsOf(key: string | undefined): number {
  return gateway.simulator.report().providers['openai']?.keys[key ?? '']?.calls ?? 0;
}
