import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, setGlobalDispatcher } from 'undici';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

let gateway: TestGateway;
let google: GoogleGenAI;
let other: GoogleGenAI;
let root: GoogleGenAI;
let otherKey: string;

const client = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } });
const model = 'google/gemini-2.5-flash';

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: { google: { keys: ['g-a', 'g-b', 'g-c'] }, openai: { keys: ['sk-a'] } },
  });
  for (const key of ['g-a', 'g-b', 'g-c']) await gateway.addAccount('google', key);
  await gateway.addAccount('openai', 'sk-a');
  const { body } = await gateway.admin('POST', '/api-keys', { name: 'other', scopes: ['call'] });
  otherKey = String(body['secret']);
  google = client(gateway.callerKey);
  other = client(otherKey);
  root = client(gateway.adminKey);
});
afterAll(() => gateway.close());

/** A request besides the SDK, to see what it hides. */
const ask = (method: string, path: string, body?: object, key = gateway.callerKey) =>
  fetch(gateway.url + path, {
    method,
    headers: { 'x-goog-api-key': key, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
const holderOf = async (path: string) => (await ask('GET', `/v1beta/${path}`)).headers.get('x-pool-account');

const words = [{ role: 'user', parts: [{ text: 'word '.repeat(400) }] }];
const aCache = (from = google, config: object = {}) =>
  from.caches.create({ model, config: { contents: words, displayName: 'words', ...config } });

describe('caches of Gemini, by the official SDK', () => {
  it('are used where they lie, whatever accounts there are, plain, streamed and counted', async () => {
    const holders = new Set<unknown>();
    for (let at = 0; at < 8; at += 1) {
      const { name, usageMetadata } = await aCache();
      const cachedContent = String(name);
      holders.add(await holderOf(cachedContent));
      const request = { model, contents: `${at}`, config: { cachedContent } };
      const answer = await google.models.generateContent(request);
      expect(answer.usageMetadata?.cachedContentTokenCount).toBe(usageMetadata?.totalTokenCount);
      for await (const chunk of await google.models.generateContentStream(request)) {
        expect(chunk.usageMetadata?.cachedContentTokenCount).toBe(usageMetadata?.totalTokenCount);
      }
      const generateContentRequest = { model: `models/${model}`, contents: words, cachedContent };
      const counted = await ask('POST', `/v1beta/models/${model}:countTokens`, { generateContentRequest });
      expect(counted.status).toBe(200);
    }
    expect(holders.size).toBeGreaterThan(1);
  });

  it('are shown, changed, listed page by page while they are deleted, and then gone', async () => {
    const mine = [];
    for (let at = 0; at < 3; at += 1) mine.push(String((await aCache(other)).name));
    const [first = ''] = mine;
    const { expireTime } = await other.caches.get({ name: first });
    const changed = await other.caches.update({ name: first, config: { ttl: '7200s' } });
    expect(Date.parse(String(changed.expireTime))).toBeGreaterThan(Date.parse(String(expireTime)));
    const seen = [];
    for await (const cache of await other.caches.list({ config: { pageSize: 1 } })) {
      seen.push(cache.name);
      if (cache.name === first) expect(cache.expireTime).toBe(changed.expireTime);
      await other.caches.delete({ name: String(cache.name) });
    }
    expect(seen).toEqual(mine.reverse());
    expect(await (await ask('GET', '/v1beta/cachedContents', undefined, otherKey)).json()).toEqual({});
    await expect(other.caches.get({ name: first })).rejects.toMatchObject({ status: 404 });
  });

  it('are unknown to other keys and known to the root key; the 404 is clear, and in the words of Gemini', async () => {
    const name = String((await aCache()).name);
    expect((await root.caches.get({ name })).name).toBe(name);
    const listed = await Array.fromAsync(await root.caches.list());
    expect(listed.map((cache) => cache.name)).toContain(name);
    const id = name.slice('cachedContents/'.length);
    const refused = {
      code: 404,
      message: `There is no cached content '${id}'.`,
      status: 'NOT_FOUND',
    };
    for (const [method, path, body] of [
      ['GET', name],
      ['PATCH', name, { ttl: '1s' }],
      ['DELETE', name],
      ['POST', `models/${model}:generateContent`, { contents: words, cached_content: name }],
      ['POST', `models/${model}:streamGenerateContent?alt=sse`, { contents: words, cachedContent: name }],
      [
        'POST',
        `models/${model}:countTokens`,
        { generateContentRequest: { contents: words, cachedContent: name } },
      ],
    ] as const) {
      const answer = await ask(method, `/v1beta/${path}`, body, otherKey);
      expect(await answer.json()).toMatchObject({ error: refused });
    }
    expect((await google.caches.get({ name })).name).toBe(name);
  });

  it('cannot be used two of different accounts at once', async () => {
    const byHolder = new Map<unknown, string>();
    while (byHolder.size < 2) {
      const name = String((await aCache()).name);
      byHolder.set(await holderOf(name), name);
    }
    const [one, two] = [...byHolder.values()];
    const answer = await ask('POST', `/v1beta/models/${model}:generateContent`, {
      contents: words,
      cachedContent: one,
      cached_content: two,
    });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain('lie with different accounts');
  });

  it('are made for models named as in calls: by a route, with the provider, and no other', async () => {
    const tiers = [
      [{ provider: 'openai', model: 'gpt-4o-mini' }],
      [{ provider: 'google', model: 'gemini-2.5-pro' }],
    ];
    expect((await gateway.admin('POST', '/routes', { name: 'fast', tiers })).status).toBe(201);
    const cache = await google.caches.create({ model: 'fast', config: { contents: words } });
    expect(cache.model).toBe('models/gemini-2.5-pro');
    const config = { cachedContent: String(cache.name) };
    expect((await google.models.generateContent({ model: 'fast', contents: 'x', config })).text).toContain(
      'fox',
    );
    const create = (named: string, key?: string) =>
      ask('POST', '/v1beta/cachedContents', { model: `models/${named}`, contents: words }, key);
    expect((await create('unheard-of')).status).toBe(404);
    expect((await create('openai/gpt-4o-mini')).status).toBe(400);
    expect((await ask('POST', '/v1beta/cachedContents', { contents: words })).status).toBe(400);
    const { body } = await gateway.admin('POST', '/api-keys', {
      name: 'narrow',
      scopes: ['call'],
      models: { allow: ['google/gemini-2.5-flash'], deny: [] },
    });
    expect((await create('google/gemini-2.5-pro', String(body['secret']))).status).toBe(403);
    expect((await create(model, String(body['secret']))).status).toBe(200);
  });

  it('wait for no account out of service: a clear refusal; without a database none is made', async () => {
    const name = String((await aCache()).name);
    const holder = String(await holderOf(name));
    await gateway.admin('POST', `/accounts/${holder}/disable`, { reason: 'test' });
    const use = () =>
      google.models.generateContent({ model, contents: 'x', config: { cachedContent: name } });
    await expect(google.caches.get({ name })).rejects.toMatchObject({ status: 503 });
    await expect(use()).rejects.toMatchObject({ status: 503 });
    await gateway.admin('POST', `/accounts/${holder}/enable`);
    expect((await use()).text).toContain('fox');
    gateway.database.cut();
    try {
      expect((await google.caches.get({ name })).name).toBe(name);
      await expect(aCache()).rejects.toMatchObject({ status: 503 });
    } finally {
      gateway.database.mend();
    }
  });

  it('that the provider has no more cost no account its good name', async () => {
    const name = String((await aCache(google, { ttl: '1s' })).name);
    const holder = String(await holderOf(name));
    const key = String((await gateway.admin('GET', `/accounts/${holder}`)).body['name']);
    const gone = await fetch(`${gateway.simulator.url}/google/v1beta/${name}`, {
      method: 'DELETE',
      headers: { 'x-goog-api-key': key },
    });
    expect(gone.status).toBe(200);
    const use = google.models.generateContent({ model, contents: 'x', config: { cachedContent: name } });
    await expect(use).rejects.toThrow('CachedContent not found (or permission denied)');
    await expect(google.caches.get({ name })).rejects.toMatchObject({ status: 403 });
    const { body } = await gateway.admin('GET', `/accounts/${holder}`);
    expect(body).toMatchObject({ state: { machine: 'closed' } });
  });
});
