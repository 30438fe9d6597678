import { GoogleGenAI, type File as GeminiFile } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, setGlobalDispatcher } from 'undici';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

const mebibyte = 1_048_576;
const model = 'google/gemini-2.5-flash';
let gateway: TestGateway;
let google: GoogleGenAI;
let other: GoogleGenAI;
let root: GoogleGenAI;

beforeAll(async () => {
  gateway = await startTestGateway(
    { providers: { google: { keys: ['g-a', 'g-b', 'g-c'] } } },
    { MAX_UPLOAD_BYTES: String(32 * mebibyte) },
  );
  for (const key of ['g-a', 'g-b', 'g-c']) await gateway.addAccount('google', key);
  const { body } = await gateway.admin('POST', '/api-keys', { name: 'other', scopes: ['call'] });
  const client = (apiKey: string) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: gateway.url } });
  google = client(gateway.callerKey);
  other = client(String(body['secret']));
  root = client(gateway.adminKey);
});
afterAll(() => gateway.close());

const upload = (text = 'text', config: object = {}, from = google) =>
  from.files.upload({ file: new Blob([text], { type: 'text/plain' }), config });
const asking = (...files: readonly GeminiFile[]) => [
  {
    role: 'user',
    parts: [
      ...files.map(({ uri, mimeType }) => ({
        fileData: { fileUri: String(uri), mimeType: String(mimeType) },
      })),
      { text: 'What is it?' },
    ],
  },
];
async function holderOf({ name }: GeminiFile): Promise<string> {
  const headers = { 'x-goog-api-key': gateway.callerKey };
  const answer = await fetch(`${gateway.url}/v1beta/${String(name)}`, { headers });
  return String(answer.headers.get('x-pool-account'));
}
/** Files that lie with different accounts. */
async function apart(): Promise<readonly [GeminiFile, GeminiFile]> {
  const first = await upload();
  const holder = await holderOf(first);
  for (;;) {
    const second = await upload();
    if ((await holderOf(second)) !== holder) return [first, second];
  }
}

describe('files of Gemini, by the official SDK', () => {
  it('are uploaded in pieces, byte for byte, and go to the account that keeps them', async () => {
    const text = 'é'.repeat(9 * mebibyte);
    const file = await upload(text, { displayName: 'large' });
    expect(file).toMatchObject({ displayName: 'large', sizeBytes: String(18 * mebibyte), state: 'ACTIVE' });
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(text));
    expect(file.sha256Hash).toBe(Buffer.from(digest).toString('base64'));
    expect(file.uri).toBe(`https://generativelanguage.googleapis.com/v1beta/${String(file.name)}`);
    expect((await google.files.get({ name: String(file.name) })).uri).toBe(file.uri);
  });

  it('are used where they lie, whatever accounts there are: plain, streamed, counted, cached', async () => {
    const holders = new Set<string>();
    for (let at = 0; at < 8; at += 1) {
      const file = await upload(`${at}`);
      holders.add(await holderOf(file));
      const contents = asking(file);
      expect((await google.models.generateContent({ model, contents })).text).toContain('fox');
      for await (const chunk of await google.models.generateContentStream({ model, contents })) {
        expect(chunk.candidates).toHaveLength(1);
      }
      expect((await google.models.countTokens({ model, contents })).totalTokens).toBeGreaterThan(0);
      const cache = await google.caches.create({ model, config: { contents } });
      const config = { cachedContent: String(cache.name) };
      expect((await google.models.generateContent({ model, contents, config })).text).toContain('fox');
    }
    expect(holders.size).toBeGreaterThan(1);
  });

  it('are listed to whom they belong alone, page by page, and deleted; to the root key all', async () => {
    const mine = [];
    for (const text of ['1', '2', '3']) mine.push((await upload(text, {}, other)).name);
    const seen = [];
    for await (const file of await other.files.list({ config: { pageSize: 2 } })) {
      seen.push(file.name);
      await other.files.delete({ name: String(file.name) });
    }
    expect(seen).toEqual(mine.reverse());
    expect(await Array.fromAsync(await other.files.list())).toEqual([]);
    const { name } = await upload('4', {}, other);
    const all = (await Array.fromAsync(await root.files.list())).map((file) => file.name);
    expect(all).toContain(name);
    expect(all.length).toBeGreaterThan(1);
    expect((await root.files.get({ name: String(name) })).name).toBe(name);
    await expect(other.files.get({ name: String(mine[0]) })).rejects.toMatchObject({ status: 404 });
  });

  it('are asked for without what would show a key, or answer in another form', async () => {
    const { name } = await upload('content');
    const get = (query: string) =>
      fetch(`${gateway.url}/v1beta/${String(name)}${query}`, {
        headers: { 'x-goog-api-key': gateway.callerKey },
      });
    const lastPath = () => gateway.simulator.lastRequest('google')?.url;
    expect((await get(`?key=${gateway.callerKey}&alt=proto`)).status).toBe(200);
    expect(lastPath()).toBe(`/google/v1beta/${String(name)}`);
    const content = await get(`:download?alt=json&key=x`);
    expect(await content.text()).toBe('content');
    expect(lastPath()).toBe(`/google/v1beta/${String(name)}:download?alt=media`);
  });

  it('that are still processed are shown by lists as they are now', async () => {
    const film = new Blob(['film'], { type: 'video/mp4' });
    const { name, state } = await google.files.upload({ file: film });
    expect(state).toBe('PROCESSING');
    const listed = async () =>
      (await Array.fromAsync(await google.files.list())).find((file) => file.name === name)?.state;
    expect(await until(listed, (now) => now !== 'PROCESSING')).toBe('ACTIVE');
  });

  it('are not there for another key, nor unknown: the same clear 404, and for two accounts a 400', async () => {
    const file = await upload();
    const [, id = ''] = String(file.name).split('/');
    const refusal = { status: 404, message: expect.stringContaining(`There is no file '${id}'.`) };
    await expect(other.files.get({ name: String(file.name) })).rejects.toMatchObject(refusal);
    await expect(other.files.delete({ name: String(file.name) })).rejects.toMatchObject(refusal);
    const use = (contents: ReturnType<typeof asking>, from = google) =>
      from.models.generateContent({ model, contents });
    await expect(use(asking(file), other)).rejects.toMatchObject(refusal);
    await expect(use(asking({ ...file, uri: 'files/unheard-of' }))).rejects.toMatchObject({ status: 404 });
    await expect(use(asking(...(await apart())))).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('lie with different accounts'),
    });
    const elsewhere = asking({ uri: 'https://www.youtube.com/watch?v=x', mimeType: 'video/mp4' });
    expect((await use(elsewhere)).text).toContain('fox');
  });

  it('under a name that the caller has chosen go where that name is taken', async () => {
    const name = 'chosen-by-me';
    const holder = await holderOf(await upload('1', { name }));
    for (let at = 0; at < 6; at += 1) expect(await holderOf(await upload('2', { name }))).toBe(holder);
  });

  it('cost no account its good name when the provider has them no more', async () => {
    const file = await upload();
    const holder = await holderOf(file);
    const key = String((await gateway.admin('GET', `/accounts/${holder}`)).body['name']);
    await new GoogleGenAI({
      apiKey: key,
      httpOptions: { baseUrl: `${gateway.simulator.url}/google` },
    }).files.delete({ name: String(file.name) });
    await expect(google.models.generateContent({ model, contents: asking(file) })).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('You do not have permission to access the File'),
    });
    const { body } = await gateway.admin('GET', `/accounts/${holder}`);
    expect(body).toMatchObject({ state: { machine: 'closed' } });
  });

  it('survive a restart; with the account off or the database gone the refusal is clear', async () => {
    const file = await upload();
    const name = String(file.name);
    await gateway.restart();
    expect((await google.files.get({ name })).name).toBe(name);
    const holder = await holderOf(file);
    await gateway.admin('POST', `/accounts/${holder}/disable`, { reason: 'test' });
    await expect(google.files.get({ name })).rejects.toMatchObject({ status: 503 });
    await expect(google.models.generateContent({ model, contents: asking(file) })).rejects.toMatchObject({
      status: 503,
    });
    await gateway.admin('POST', `/accounts/${holder}/enable`);
    gateway.database.cut();
    try {
      expect((await google.files.get({ name })).name).toBe(name);
      await expect(upload()).rejects.toMatchObject({ status: 503 });
    } finally {
      gateway.database.mend();
    }
  });

  it('larger than is taken are refused before their first byte', async () => {
    const before = gateway.simulator.report().providers['google']?.calls;
    await expect(upload('x'.repeat(33 * mebibyte))).rejects.toMatchObject({ status: 413 });
    expect(gateway.simulator.report().providers['google']?.calls).toBe(before);
  });
});
