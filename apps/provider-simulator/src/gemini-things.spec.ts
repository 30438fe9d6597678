import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, setGlobalDispatcher } from 'undici';
import { startSimulator } from './index.js';
import type { Simulator } from './index.js';

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

let nowMs = Date.UTC(2026, 8, 20, 12);
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator(
    { providers: { google: { keys: ['g-1', 'g-2'] } } },
    { clock: { nowMs: () => nowMs } },
  );
});
afterAll(() => simulator.close());

const google = (apiKey = 'g-1') =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${simulator.url}/google` } });
const model = 'gemini-2.5-flash';
const aFile = (text: string, type = 'text/plain') => new Blob([text], { type });
const about = (uri?: string, mimeType = 'text/plain') => [
  { role: 'user', parts: [{ fileData: { fileUri: String(uri), mimeType } }, { text: 'What is it?' }] },
];

describe('files and caches of Gemini, by the official SDK', () => {
  it('are uploaded in pieces, shown, listed, used and deleted', async () => {
    const { files, models } = google();
    const large = 'x'.repeat(9 * 1_048_576);
    const file = await files.upload({ file: aFile(large), config: { displayName: 'large' } });
    expect(file).toMatchObject({ displayName: 'large', sizeBytes: String(large.length), state: 'ACTIVE' });
    expect(file.uri).toBe(`https://generativelanguage.googleapis.com/v1beta/${String(file.name)}`);
    expect((await files.get({ name: String(file.name) })).sha256Hash).toBe(file.sha256Hash);
    await files.upload({ file: aFile('small') });
    const listed = await Array.fromAsync(await files.list({ config: { pageSize: 1 } }));
    expect(listed).toHaveLength(2);
    expect((await models.generateContent({ model, contents: about(file.uri) })).text).toContain('fox');
    await files.delete({ name: String(file.name) });
    await expect(files.get({ name: String(file.name) })).rejects.toMatchObject({ status: 403 });
  });

  it('are refused to another account in the words of Google', async () => {
    const { uri, name } = await google().files.upload({ file: aFile('mine') });
    const foreign = google('g-2').models.generateContent({ model, contents: about(uri) });
    const id = String(name).slice('files/'.length);
    await expect(foreign).rejects.toThrow(
      `You do not have permission to access the File ${id} or it may not exist.`,
    );
  });

  it('are processed for a while where they are films, and gone after 48 hours', async () => {
    const { files, models } = google();
    const film = await files.upload({ file: aFile('film', 'video/mp4') });
    expect(film.state).toBe('PROCESSING');
    const ask = () => models.generateContent({ model, contents: about(film.uri, 'video/mp4') });
    await expect(ask()).rejects.toThrow('not in an ACTIVE state');
    nowMs += 1_000;
    expect((await ask()).text).toContain('fox');
    nowMs += 48 * 3_600_000;
    await expect(ask()).rejects.toMatchObject({ status: 403 });
  });

  it('are caches for one model, counted as cached, and live as long as the caller says', async () => {
    const { caches, models } = google();
    const contents = [{ role: 'user', parts: [{ text: 'word '.repeat(400) }] }];
    const cache = await caches.create({ model, config: { contents, ttl: '60s', displayName: 'words' } });
    const name = String(cache.name);
    const config = { cachedContent: name };
    const answer = await models.generateContent({ model, contents: 'Go on.', config });
    expect(answer.usageMetadata?.cachedContentTokenCount).toBe(cache.usageMetadata?.totalTokenCount);
    await expect(
      models.generateContent({ model: 'gemini-2.5-pro', contents: 'Go on.', config }),
    ).rejects.toThrow('has to be the same');
    await caches.update({ name, config: { ttl: '600s' } });
    nowMs += 61_000;
    expect((await caches.get({ name })).displayName).toBe('words');
    expect(await Array.fromAsync(await caches.list())).toHaveLength(1);
    nowMs += 600_000;
    await expect(caches.get({ name })).rejects.toThrow('CachedContent not found (or permission denied)');
    await expect(
      google('g-2').models.generateContent({ model, contents: 'x', config }),
    ).rejects.toMatchObject({ status: 403 });
  });

  it('come in one request, bare or with what is said of them, and by curl in pieces', async () => {
    const post = (body: string, headers: Record<string, string>, query = '') =>
      fetch(`${simulator.url}/google/upload/v1beta/files${query}`, {
        method: 'POST',
        headers: { 'x-goog-api-key': 'g-1', ...headers },
        body,
      });
    const bare = await post('bytes', { 'content-type': 'text/csv' });
    expect(await bare.json()).toMatchObject({ file: { mimeType: 'text/csv', sizeBytes: '5' } });
    const parts = [
      'content-type: application/json\r\n\r\n{"file":{"displayName":"told"}}',
      'content-type: text/plain\r\n\r\nbytes!',
    ];
    const form = `${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--`;
    const multipart = {
      'content-type': 'multipart/related; boundary=b',
      'x-goog-upload-protocol': 'multipart',
    };
    expect(await (await post(form, multipart)).json()).toMatchObject({
      file: { mimeType: 'text/plain', sizeBytes: '6', displayName: 'told' },
    });
    const command = (name: string) => ({ 'x-goog-upload-command': name });
    const begun = await post('{}', { 'x-goog-upload-protocol': 'resumable', ...command('start') });
    const { search } = new URL(String(begun.headers.get('x-goog-upload-url')));
    const asked = await post('', command('query'), search);
    expect(asked.headers.get('x-goog-upload-size-received')).toBe('0');
    expect((await post('x', { ...command('upload'), 'x-goog-upload-offset': '0' }, search)).status).toBe(400);
    const cancelled = await post('', command('cancel'), search);
    expect(cancelled.headers.get('x-goog-upload-status')).toBe('cancelled');
    expect((await post('', command('query'), search)).status).toBe(404);
  });
});
