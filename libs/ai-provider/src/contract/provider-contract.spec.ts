import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { aModelCall } from '../../../../test/support/a-model-call.js';
import { aStream } from '../../../../test/support/a-stream.js';
import { aServiceAccount } from '../../../../test/support/service-account.js';
import { ProviderRegistry, providerKinds } from '../provider-registry.js';
import type { ModelCall, Operation, WireFormat } from './model-call.js';
import type { Authority, UpstreamRequest } from './provider-adapter.js';

const key = 'sk-contract-suite-0123456789';
/** Of the kinds whose credential is more than a key. */
const structured: Readonly<Record<string, string>> = {
  'azure-openai': JSON.stringify({ apiKey: key, resource: 'acme' }),
  bedrock: JSON.stringify({ apiKey: key, region: 'us-east-1' }),
  'vertex-ai': aServiceAccount(),
};
/** What is called differently there than in the caller's words, so that bodies have to change. */
const reshaped: Readonly<Record<string, readonly Operation[]>> = {
  bedrock: ['messages'],
  'vertex-ai': ['generate_content', 'gemini_count_tokens', 'messages', 'count_tokens'],
};
/** What no caller asks for: calls are translated to it. */
const ownForms: Readonly<Record<string, readonly Operation[]>> = { bedrock: ['converse'] };
const registry = new ProviderRegistry();
const adapterOf = (kind: string) => {
  const adapter = registry.get(kind);
  if (adapter === null) throw new Error(`no adapter for ${kind}`);
  return adapter;
};
const authority: Authority = { nowMs: () => 0, token: () => new Secret(key) };

const formatOf = (operation: Operation): WireFormat => {
  if (operation === 'messages' || operation === 'count_tokens') return 'anthropic';
  return ['generate_content', 'embed_content', 'batch_embed_contents', 'gemini_count_tokens'].includes(
    operation,
  )
    ? 'gemini'
    : 'openai';
};
const callOf = (operation: Operation, changes: Partial<ModelCall> = {}) =>
  aModelCall({ operation, wireFormat: formatOf(operation), ...changes });

describe.each(providerKinds)('provider contract: %s', (kind) => {
  const adapter = adapterOf(kind);
  const credential = new Secret(structured[kind] ?? key);
  const target = {
    baseUrl: adapter.defaultBaseUrl ?? 'http://127.0.0.1:8080/base/v1/',
    credential,
    model: 'm',
  };
  const { operations, streaming } = adapter.capabilities;
  const asked = [...operations, ...(ownForms[kind] ?? [])];
  const streamed = [...streaming, ...(ownForms[kind] ?? [])];
  const authorised = async (request: UpstreamRequest) =>
    (await adapter.authorize?.(request, target, authority)) ?? request;

  it('says nothing against a credential that is one, and shows none that it refuses', () => {
    expect(adapter.credentialFault?.(credential, target.baseUrl) ?? null).toBeNull();
    for (const text of [`{"${key}"`, `{"${key}":1}`, '{}', `{"apiKey":{"a":"${key}"}}`]) {
      const fault = adapter.credentialFault?.(new Secret(text), target.baseUrl) ?? 'lacks';
      expect(fault).toMatch(/^(lacks|must|begins) ?/);
      expect(fault).not.toContain(key);
    }
  });

  it('offers each operation in a wire format that it speaks', () => {
    expect(operations.length).toBeGreaterThan(0);
    for (const operation of operations) expect(adapter.wireFormats).toContain(formatOf(operation));
    for (const format of adapter.wireFormats) expect(operations.map(formatOf)).toContain(format);
    expect(operations).toEqual(expect.arrayContaining([...streaming]));
  });

  it('can find a key again whose minting was not answered, and give back what it has too many of', () => {
    const { rotation } = adapter.capabilities;
    if (rotation?.mint != null) expect(rotation).toMatchObject({ revoke: true, list: true });
    expect(rotation?.slotLimit ?? 1).toBeGreaterThanOrEqual(1);
  });

  it.each(asked)('%s: shows the key in exactly one header, and nowhere else', async (operation) => {
    const call = callOf(operation, { stream: true });
    const { headers, ...rest } = await authorised(adapter.request(call, target));
    expect(Object.values(headers).filter((value) => value.includes(key))).toHaveLength(1);
    expect(JSON.stringify({ ...rest, body: rest.body?.toString() })).not.toContain(key);
  });

  it.each(asked)('%s: keeps to the host and path of the base URL', (operation) => {
    const baseUrl = 'http://host.test:8080/some/base/';
    const { origin, path } = adapter.request(callOf(operation), { ...target, baseUrl });
    expect(origin).toBe('http://host.test:8080');
    expect(path).toMatch(/^\/some\/base\/[^/]/);
  });

  it.each(asked)('%s: forwards the very same bytes where nothing must change', (operation) => {
    const wanted = reshaped[kind]?.includes(operation) ? '"x":1.0,"y": [ 1e2 ]}' : null;
    const call = callOf(operation, wanted === null ? {} : { body: Buffer.from(`{"model":"m",${wanted}`) });
    const { body } = adapter.request(call, target);
    if (wanted === null) expect(body).toBe(call.body);
    else expect(body?.toString()).toContain(wanted);
  });

  it.each(operations)('%s: names the model as the provider does, whatever the caller wrote', (operation) => {
    const call = callOf(operation, { json: { model: 'alias', note: 'alias' } });
    const { path, body } = adapter.request(call, { ...target, model: 'real-model' });
    expect(`${path} ${body?.toString()}`).toContain('real-model');
    expect(`${path} ${body?.toString()}`).not.toMatch(/"model":\s*"alias"/);
    expect(body?.toString()).toContain('"note":"alias"');
  });

  it("hands on a caller's headers, but no credentials and no choice of organisation", async () => {
    const forwardHeaders = {
      'x-feature': 'on',
      authorization: 'Bearer callers-own',
      'x-api-key': 'callers-own',
      'x-goog-api-key': 'callers-own',
      cookie: 'callers-own',
      'openai-organization': 'callers-own',
    };
    const call = callOf(operations[0] ?? 'messages', { forwardHeaders });
    const { headers } = await authorised(adapter.request(call, target));
    expect(headers).toMatchObject({ 'x-feature': 'on', 'accept-encoding': 'identity' });
    expect(JSON.stringify(headers)).not.toContain('callers-own');
  });

  it('refuses an operation of another wire format', () => {
    const foreign = (['embed_content', 'moderations', 'count_tokens'] as const).find(
      (operation) => !adapter.wireFormats.includes(formatOf(operation)),
    );
    expect(() => adapter.request(callOf(foreign ?? 'speech'), target)).toThrow();
  });

  it('probes a key without paying for it', async () => {
    const { method, body, headers, path } = await authorised(adapter.probe(target));
    expect({ method, body }).toEqual({ method: 'GET', body: null });
    expect(path).not.toContain(key);
    expect(Object.values(headers).filter((value) => value.includes(key))).toHaveLength(1);
  });

  it('names itself in the rule of every failure', () => {
    const answer = { status: 500, headers: {}, body: '', transportCode: null };
    expect(adapter.classify(answer, 0).rule.startsWith(`${kind}.`)).toBe(true);
  });

  it('finds no error in an ordinary answer, and one behind a success', () => {
    expect(adapter.isDisguisedError({ id: 'x', error: null, choices: [{ message: {} }] })).toBe(false);
    expect(adapter.isDisguisedError({ type: 'error', error: { message: 'x' } })).toBe(true);
    for (const body of [null, 'text', 7, [], {}]) expect(adapter.isDisguisedError(body)).toBe(false);
  });

  it('reads limits if it says so, and only then', () => {
    const names = ['x-ratelimit', 'ratelimit', 'x-trial-endpoint-call', 'anthropic-ratelimit-requests'].map(
      (prefix) => `${prefix}-remaining`,
    );
    const parts = ['requests', 'tokens', 'requests-day', 'req-minute'];
    const all = [...names, ...parts.map((part) => `x-ratelimit-remaining-${part}`)];
    const readings = adapter.readLimits(Object.fromEntries(all.map((name) => [name, '7'])), 0);
    expect(readings.length > 0).toBe(adapter.capabilities.limitHeaders);
  });

  it('reads no limits and no usage where there are none', () => {
    expect(adapter.readLimits({ 'content-type': 'application/json' }, 0)).toEqual([]);
    for (const body of [null, 'text', 7, [], {}, { usage: null }]) expect(adapter.readUsage(body)).toBeNull();
  });

  it('says how it keeps prompts, if it does', () => {
    const { promptCache } = adapter.capabilities;
    if (promptCache === null) return;
    expect(promptCache.minTokens).toBeGreaterThanOrEqual(1);
    expect(promptCache.ttlMs).toBeGreaterThanOrEqual(60_000);
  });

  it('says what it holds of an answer, if it does', () => {
    expect(adapter.capabilities.answerHold?.unboundedTokens ?? 0).toBeGreaterThanOrEqual(0);
  });

  it.each(streamed)('%s: reads a stream to its end, with what it used', (operation) => {
    const stream = adapter.readStream(callOf(operation, { stream: true }));
    const passed = stream.read(aStream(kind, operation)).length + stream.finish().length;
    expect(passed).toBeGreaterThan(0);
    expect(stream).toMatchObject({ outputStarted: true, completed: true, error: null });
    expect(stream.usage).toMatchObject({ input: 9, output: 2 });
  });

  it('starts every stream without output, usage, error or end', () => {
    for (const operation of streamed) {
      const stream = adapter.readStream(callOf(operation, { stream: true }));
      expect(stream).toMatchObject({ outputStarted: false, usage: null, error: null, completed: false });
      expect(stream.finish()).toHaveLength(0);
    }
  });
});

describe('ProviderRegistry', () => {
  const custom = Object.assign(Object.create(adapterOf('openai')) as object, { kind: 'acme' });
  const acme = custom as ReturnType<typeof adapterOf>;

  it('takes adapters of third parties, also in the place of a built-in', () => {
    const mine = Object.assign(Object.create(acme) as object, { kind: 'openai' }) as typeof acme;
    const extended = new ProviderRegistry([acme, mine]);
    expect(extended.get('acme')).toBe(acme);
    expect(extended.get('openai')).toBe(mine);
    expect(extended.kinds).toEqual([...providerKinds, 'acme']);
  });

  it('refuses two adapters of one kind, and kinds that fit into no model name', () => {
    expect(() => new ProviderRegistry([acme, acme])).toThrow(RangeError);
    const odd = Object.assign(Object.create(acme) as object, { kind: 'a/b' }) as typeof acme;
    expect(() => new ProviderRegistry([odd])).toThrow(RangeError);
  });

  it('answers null for a kind that nobody registered', () => {
    expect(registry.get('nobody')).toBeNull();
    expect(registry.get('__proto__')).toBeNull();
  });
});
