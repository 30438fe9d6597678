import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Agent, setGlobalDispatcher } from 'undici';
import { startSimulator, type Simulator } from '../../apps/provider-simulator/src/index.js';
import { startGatewayPair, type GatewayPair } from '../support/gateway-pair.js';
import { makeKey } from '../support/key-trials.js';
import { until } from '../support/until.js';

/** Google's SDK looks for Node's own dispatcher on `globalThis`, which Jest's sandbox hides. */
setGlobalDispatcher(new Agent());

const mebibyte = 1_048_576;
const piece = 'x'.repeat(mebibyte);
const place = '/upload/v1beta/files';
let simulator: Simulator;
let pair: GatewayPair;
let secret: string;

beforeAll(async () => {
  simulator = await startSimulator({ providers: { google: { keys: ['g-a', 'g-b'] } } });
  pair = await startGatewayPair({
    GOOGLE_BASE_URL: `${simulator.url}/google`,
    MODEL_REFRESH_HOURS: '0',
    MAX_UPLOAD_BYTES: String(16 * mebibyte),
  });
  for (const credential of ['g-a', 'g-b']) {
    await pair.admin('POST', '/accounts', { provider: 'google', name: credential, credential });
  }
  ({ secret } = await makeKey(pair));
}, 120_000);
afterAll(async () => {
  await pair.close();
  await simulator.close();
});

const post = (url: string, headers: Record<string, string>, body = '') =>
  fetch(url, { method: 'POST', headers, body });
const begin = (key = secret, more: Record<string, string> = {}) =>
  post(
    pair.one.url + place,
    {
      'x-goog-api-key': key,
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-type': 'text/plain',
      'content-type': 'application/json',
      ...more,
    },
    "{'file': {'display_name': 'as curl writes it'}}",
  );
const addressOf = (answer: Response): string => String(answer.headers.get('x-goog-upload-url'));
/** The same upload by the other replica. */
const byOther = (address: string): string => address.replace(pair.one.url, pair.other.url);
const goOn = (address: string, command: string, body = '', offset = 0, more: Record<string, string> = {}) =>
  post(address, { 'x-goog-upload-command': command, 'x-goog-upload-offset': String(offset), ...more }, body);
const states = (answer: Response) => [
  answer.status,
  answer.headers.get('x-goog-upload-status'),
  answer.headers.get('x-goog-upload-size-received'),
];
const inFlight = async (): Promise<number> => simulator.report().providers['google']?.inFlight ?? 0;

describe('an upload in pieces', () => {
  it('goes on at any replica, without a key, as Google has it', async () => {
    for (let at = 0; at < 4; at += 1) {
      const begun = await begin();
      expect(begun.headers.get('x-goog-upload-control-url')).toBeNull();
      expect(begun.headers.get('x-guploader-uploadid')).toBeNull();
      const address = addressOf(begun);
      expect(address.startsWith(`${pair.one.url}${place}?upload_id=`)).toBe(true);
      const other = byOther(address);
      expect(states(await goOn(address, 'upload', piece))).toEqual([200, 'active', String(mebibyte)]);
      expect(states(await goOn(other, 'query'))).toEqual([200, 'active', String(mebibyte)]);
      expect(states(await goOn(other, 'upload', piece, mebibyte))).toEqual([
        200,
        'active',
        String(2 * mebibyte),
      ]);
      const final = await goOn(address, 'upload, finalize', 'end', 2 * mebibyte);
      expect(states(final)).toEqual([200, 'final', null]);
      const { file } = (await final.json()) as { file: { name: string; sizeBytes: string } };
      expect(file).toMatchObject({ sizeBytes: String(2 * mebibyte + 3) });
      const shown = await fetch(`${pair.other.url}/v1beta/${file.name}`, {
        headers: { 'x-goog-api-key': secret },
      });
      expect(await shown.json()).toMatchObject({ name: file.name });
    }
  });

  it('by the official SDK is served by two replicas in turn', async () => {
    const asked: string[] = [];
    const agent = new Agent().compose((dispatch) => (options, handler) => {
      const origin = asked.at(-1) === pair.one.url ? pair.other.url : pair.one.url;
      asked.push(origin);
      return dispatch({ ...options, origin }, handler);
    });
    setGlobalDispatcher(agent);
    try {
      const google = new GoogleGenAI({ apiKey: secret, httpOptions: { baseUrl: pair.one.url } });
      const file = await google.files.upload({
        file: new Blob([piece.repeat(12)], { type: 'text/plain' }),
        config: { displayName: 'by turns' },
      });
      expect(file).toMatchObject({ displayName: 'by turns', sizeBytes: String(12 * mebibyte) });
      expect(asked).toEqual([pair.one.url, pair.other.url, pair.one.url]);
      const fileData = { fileUri: String(file.uri), mimeType: 'text/plain' };
      for (let turn = 0; turn < 4; turn += 1) {
        const answer = await google.models.generateContent({
          model: 'google/gemini-2.5-flash',
          contents: [{ role: 'user', parts: [{ fileData }] }],
        });
        expect(answer.text).toContain('fox');
      }
    } finally {
      setGlobalDispatcher(new Agent());
    }
  });

  it('can be cancelled, and finalized without a further byte', async () => {
    const cancelled = addressOf(await begin());
    expect(states(await goOn(byOther(cancelled), 'cancel'))).toEqual([200, 'cancelled', null]);
    expect((await goOn(cancelled, 'query')).status).toBe(404);
    const address = addressOf(await begin());
    await goOn(address, 'upload', piece);
    const final = await goOn(byOther(address), 'finalize', '', mebibyte);
    expect(await final.json()).toMatchObject({ file: { sizeBytes: String(mebibyte) } });
  });

  it('names the address as its client has reached us', async () => {
    const behind = await begin(secret, {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'ai.example.com:8443, inner',
    });
    expect(addressOf(behind).startsWith(`https://ai.example.com:8443${place}?`)).toBe(true);
    expect((await begin(secret, { 'x-forwarded-host': 'evil/path?' })).status).toBe(400);
  });

  it('is nobody else’s: not with another key, not changed, not once its key is revoked', async () => {
    const address = addressOf(await begin());
    const stranger = await makeKey(pair);
    const other = { 'x-goog-api-key': stranger.secret };
    const refused = await goOn(address, 'query', '', 0, other);
    expect(refused.status).toBe(404);
    expect(await refused.json()).toMatchObject({
      error: { code: 404, status: 'NOT_FOUND', message: 'There is no such upload, or its time is over.' },
    });
    const changed = new URL(address);
    const token = String(changed.searchParams.get('upload_id'));
    changed.searchParams.set('upload_id', `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`);
    expect((await goOn(changed.href, 'query')).status).toBe(401);
    expect((await goOn(changed.href, 'query', '', 0, { 'x-goog-api-key': secret })).status).toBe(404);
    const theirs = addressOf(await begin(stranger.secret));
    expect((await goOn(theirs, 'query')).status).toBe(200);
    await pair.admin('POST', `/api-keys/${stranger.id}/revoke`);
    const status = async () => (await goOn(byOther(theirs), 'query')).status;
    expect(await until(status, (now) => now !== 200)).toBe(401);
  });

  it('whose client dies in its middle holds nobody up, and goes on elsewhere', async () => {
    const address = addressOf(await begin());
    const request = pieceBy(address);
    await until(inFlight, (now) => now === 1);
    request.destroy();
    await until(inFlight, (now) => now === 0);
    expect(states(await goOn(byOther(address), 'query'))).toEqual([200, 'active', '0']);
    const final = await goOn(byOther(address), 'upload, finalize', piece);
    expect(await final.json()).toMatchObject({ file: { sizeBytes: String(mebibyte) } });
  });

  it('whose client dies gives its key the place back that the upload took', async () => {
    const limits = { maxConcurrency: 1 };
    const key = await pair.admin('POST', '/api-keys', { name: 'narrow', scopes: ['call'], limits });
    const headers = { 'x-goog-api-key': String(key['secret']) };
    const list = async () => (await fetch(`${pair.one.url}/v1beta/files`, { headers })).status;
    const request = pieceBy(pair.one.url + place, headers);
    await until(inFlight, (now) => now === 1);
    expect(await list()).toBe(429);
    request.destroy();
    expect(await until(list, (status) => status !== 429)).toBe(200);
    expect(await inFlight()).toBe(0);
  });

  it('is refused where it is larger than is taken: announced, by its offset, or on its way', async () => {
    const announced = { 'x-goog-upload-header-content-length': String(17 * mebibyte) };
    expect((await begin(secret, announced)).status).toBe(413);
    const address = addressOf(await begin());
    expect((await goOn(address, 'upload', 'x', 16 * mebibyte)).status).toBe(413);
    const request = httpRequest(address, { method: 'POST', headers: { 'x-goog-upload-command': 'upload' } });
    const answered = once(request, 'response');
    request.on('error', () => undefined);
    for (let sent = 0; sent < 17 && !request.destroyed; sent += 1) request.write(piece);
    const [response] = (await answered) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(413);
    request.destroy();
    await until(inFlight, (now) => now === 0);
  });

  it('is told what is wrong with it: with its command, or with what it says of itself', async () => {
    const wrong = await begin(secret, { 'x-goog-upload-command': 'upload' });
    expect(wrong.status).toBe(400);
    expect(JSON.stringify(await wrong.json())).toContain("The header x-goog-upload-command must be 'start'.");
    const long = await begin(secret, { 'x-goog-upload-file-name': 'x'.repeat(2_000) });
    expect(long.status).toBe(400);
    expect(JSON.stringify(await long.json())).toContain('has more than 1024 characters');
  });

  it('is refused for what Google refuses, in its words', async () => {
    const refused = await goOn(addressOf(await begin()), 'upload', 'x', 7);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { message: 'Upload offset does not match.' } });
  });
});

describe('an upload in one request', () => {
  const headers = () => ({ 'x-goog-api-key': secret });
  const shown = async (answer: Response) => {
    const { file } = (await answer.json()) as { file: { name: string } };
    const found = await fetch(`${pair.other.url}/v1beta/${file.name}`, { headers: headers() });
    return (await found.json()) as object;
  };

  it('is the bytes alone, or behind what is said of them', async () => {
    const raw = { ...headers(), 'x-goog-upload-protocol': 'raw', 'content-type': 'text/csv' };
    expect(await shown(await post(pair.one.url + place, raw, 'a,b'))).toMatchObject({
      mimeType: 'text/csv',
      sizeBytes: '3',
    });
    const multipart = { ...headers(), 'content-type': 'multipart/related; boundary=b' };
    const form =
      '--b\r\ncontent-type: application/json\r\n\r\n{"file":{"displayName":"told"}}\r\n' +
      '--b\r\ncontent-type: text/plain\r\n\r\nbytes\r\n--b--';
    const answer = await post(`${pair.one.url}${place}?uploadType=multipart`, multipart, form);
    expect(await shown(answer)).toMatchObject({ displayName: 'told', sizeBytes: '5' });
    const old = await post(`${pair.one.url}${place}?uploadType=resumable`, headers(), '{}');
    expect(old.status).toBe(400);
    expect(JSON.stringify(await old.json())).toContain('x-goog-upload-protocol');
  });

  it('needs a key', async () => {
    expect((await post(pair.one.url + place, {}, 'bytes')).status).toBe(401);
  });
});

/** Begins to send a piece that never comes to its end. */
function pieceBy(address: string, headers: Record<string, string> = {}): ClientRequest {
  const request = httpRequest(address, {
    method: 'POST',
    headers: { ...headers, 'x-goog-upload-command': 'upload', 'content-length': 8 * mebibyte },
  });
  request.on('error', () => undefined);
  request.write(piece);
  return request;
}
