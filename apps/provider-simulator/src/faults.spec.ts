import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from './index.js';
import type { CallRecord, Fault, Simulator } from './index.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ providers: {} });
});
afterAll(() => simulator.close());

function load(...faults: Fault[]): void {
  simulator.setScenario({
    providers: { openai: { keys: ['sk-1'] }, anthropic: { keys: ['ant-1'] }, google: { keys: ['g-1'] } },
    faults,
  });
}

function chat(stream = false, signal?: AbortSignal): Promise<Response> {
  return fetch(`${simulator.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-1' },
    body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'Hello fox' }] }),
    signal,
  });
}

function messages(stream = false): Promise<Response> {
  return fetch(`${simulator.url}/anthropic/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'ant-1', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'm', max_tokens: 50, stream, messages: [{ role: 'user', content: 'Hi' }] }),
  });
}

/** Passes the time until something holds, without guessing how long that takes. */
async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ended = (): Promise<CallRecord> => until(() => simulator.report().recent.at(-1));
const dataLines = (body: string) => body.split('\n').filter((line) => line.startsWith('data: '));

/** All a client gets before the connection breaks. */
async function readUntilBroken(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  await expect(async () => {
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true });
  }).rejects.toThrow('terminated');
  return text;
}

describe('a fault that refuses', () => {
  it.each([500, 503, 529, 403])('gives the error body of the provider for %d', async (status) => {
    load({ kind: 'status', status });
    const [openai, anthropic] = [await chat(), await messages()];
    expect([openai.status, anthropic.status]).toEqual([status, status]);
    expect(await openai.json()).toEqual({ error: expect.objectContaining({ message: expect.any(String) }) });
    expect(await anthropic.json()).toMatchObject({ type: 'error', error: { type: expect.any(String) } });
  });

  it('can be the page of a proxy', async () => {
    load({ kind: 'html_502' });
    const response = await chat();
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await response.text()).toContain('<title>502 Bad Gateway</title>');
  });

  it('can be a 429 without any hint', async () => {
    load({ kind: 'rate_limited_no_hint' });
    const response = await chat();
    expect(response.status).toBe(429);
    expect([...response.headers.keys()].filter((name) => /retry|ratelimit/.test(name))).toEqual([]);
    expect(await response.text()).not.toMatch(/\d+(ms|s)\b/);
  });

  it.each([
    [undefined, '31536000'],
    ['soon', 'soon'],
  ])('can be a 429 with an absurd Retry-After (%s)', async (retryAfter, sent) => {
    load({ kind: 'absurd_retry_after', retryAfter });
    const response = await chat();
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, sent]);
  });

  it('takes nothing from the limits', async () => {
    simulator.setScenario({
      providers: { openai: { keys: [{ key: 'sk-1', limits: { rpm: 5 } }] } },
      faults: [{ kind: 'status', status: 500, count: 1 }],
    });
    expect((await chat()).status).toBe(500);
    expect((await chat()).headers.get('x-ratelimit-remaining-requests')).toBe('4');
  });
});

describe('a fault of the connection', () => {
  it('hangs until the client gives up', async () => {
    load({ kind: 'hang' });
    const patience = new AbortController();
    const answer = chat(false, patience.signal);
    await until(() => simulator.report().providers['openai']?.inFlight || undefined);
    patience.abort();
    await expect(answer).rejects.toThrow('aborted');
    expect(await ended()).toMatchObject({ status: 0, aborted: true, fault: 'hang' });
  });

  it('resets before any header', async () => {
    load({ kind: 'reset_before_headers' });
    await expect(chat()).rejects.toThrow('fetch failed');
    expect(await ended()).toMatchObject({ status: 0, aborted: false, fault: 'reset_before_headers' });
  });

  it('breaks off in the middle of a body', async () => {
    load({ kind: 'reset_mid_body' });
    const response = await chat();
    const text = await readUntilBroken(response);
    expect(text.length).toBe(Number(response.headers.get('content-length')) >> 1);
    expect(await ended()).toMatchObject({ status: 200, aborted: false });
  });

  it('breaks off in the middle of a stream, and bills what was sent', async () => {
    load({ kind: 'reset_mid_stream' });
    const text = await readUntilBroken(await chat(true));
    expect(dataLines(text)).toHaveLength(6);
    expect(await ended()).toMatchObject({ tokens: { output: 5 }, aborted: false });
  });

  it('falls silent in the middle of a stream', async () => {
    load({ kind: 'hang_mid_stream' });
    const response = await chat(true);
    const reader = response.body?.getReader();
    let seen = '';
    while (dataLines(seen).length < 6) seen += Buffer.from((await reader?.read())?.value ?? []).toString();
    await reader?.cancel();
    expect(await ended()).toMatchObject({ aborted: true, tokens: { output: 5 } });
  });
});

describe('a fault of the content', () => {
  it('ends a JSON document in its middle, in a complete answer', async () => {
    load({ kind: 'truncated_json' });
    const text = await (await chat()).text();
    expect(text).toMatch(/^\{"id":"chatcmpl-/);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
  });

  it.each([
    [0, 1],
    [3, 4],
    [undefined, 6],
  ])('puts an error into a stream after %s chunks', async (afterChunks, before) => {
    load({ kind: 'error_in_stream', afterChunks });
    const response = await chat(true);
    const lines = dataLines(await response.text());
    expect(response.status).toBe(200);
    expect(lines).toHaveLength(before + 1);
    expect(lines.at(-1)).toContain('"error":{"message":');
  });

  it('names the error event in a stream of Anthropic', async () => {
    load({ kind: 'error_in_stream' });
    expect(await (await messages(true)).text()).toMatch(/event: error\ndata: .*overloaded_error.*\n\n$/);
  });

  it('keeps an array stream of Gemini valid JSON', async () => {
    load({ kind: 'error_in_stream', afterChunks: 0 });
    const response = await fetch(`${simulator.url}/google/v1beta/models/m:streamGenerateContent?key=g-1`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hello' }] }] }),
    });
    expect(await response.json()).toEqual([{ error: expect.objectContaining({ code: 503 }) }]);
  });

  it.each([false, true])('announces the right body wrongly (streamed: %s)', async (stream) => {
    load({ kind: 'wrong_content_type' });
    const response = await chat(stream);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(await response.text()).toContain('chatcmpl-');
  });
});

describe('a fault of time', () => {
  it('delays the first byte and then answers as usual', async () => {
    load({ kind: 'slow_first_byte', delayMs: 5 });
    expect(await (await chat()).json()).toMatchObject({ usage: { completion_tokens: 10 } });
    expect(await ended()).toMatchObject({ status: 200, fault: 'slow_first_byte' });
  });

  it('sends a stream chunk by chunk', async () => {
    load({ kind: 'slow_stream', delayMs: 5 });
    const texts: string[] = [];
    for await (const chunk of (await chat(true)).body ?? []) texts.push(Buffer.from(chunk).toString());
    expect(texts[0]).not.toContain('[DONE]');
    expect(dataLines(texts.join(''))).toHaveLength(13);
  });

  it('as a brown-out refuses a share and delays the rest, at the whole provider', async () => {
    load({ kind: 'brown_out', provider: 'openai', errorShare: 0.5, delayMs: 1 });
    const statuses: number[] = [];
    for (let i = 0; i < 40; i++) statuses.push((await chat()).status);
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect((await messages()).status).toBe(200);
  });
});
