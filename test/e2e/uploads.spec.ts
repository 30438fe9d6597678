import { createHash, hash, randomBytes, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { LoopbackServer } from '../support/loopback-server.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const mebibyte = 1_048_576;
let gateway: TestGateway;
/** A provider that takes forms of any size without keeping them. */
let provider: LoopbackServer;
let seen: {
  path: string;
  key: string;
  length: string | undefined;
  head: string;
  bytes: number;
  cut: boolean;
  sum: Hash;
}[];
/** Whether the provider rests after all it has read. */
let isSlow: boolean;
/** What the provider does when the form is there, or (`early`) has begun. */
let early: ((request: IncomingMessage) => void) | null;
const begun = { promise: Promise.resolve(), resolve: (): void => undefined };

beforeAll(async () => {
  provider = new LoopbackServer((request, response) => {
    const { url = '', headers } = request;
    const key = String(headers.authorization).slice(-1);
    const form = {
      path: url,
      key,
      length: headers['content-length'],
      head: '',
      bytes: 0,
      cut: false,
      sum: createHash('sha256'),
    };
    seen.push(form);
    request.on('data', (chunk: Buffer) => {
      if (form.bytes < 1_000) form.head += chunk.toString('latin1', 0, 1_000);
      form.bytes += chunk.length;
      form.sum.update(chunk);
      if (isSlow) rest(request);
      begun.resolve();
    });
    request.on('error', () => undefined);
    response.on('close', () => (form.cut = !response.writableFinished));
    if (early !== null) return early(request);
    const answer = { id: `file-${seen.length}`, object: 'file', text: 'heard' };
    request.on('end', () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
    );
  });
  const url = await provider.listen();
  gateway = await startTestGateway(
    { providers: { openai: { keys: ['sk-a'] } } },
    {
      OPENAI_BASE_URL: `${url}/v1`,
      MAX_BODY_BYTES: `${mebibyte}`,
      MAX_UPLOAD_BYTES: `${256 * mebibyte}`,
    },
  );
  for (const key of ['sk-a', 'sk-b']) await gateway.addAccount('openai', key);
}, 60_000);
afterAll(async () => {
  await provider.close();
  await gateway.close();
});
beforeEach(() => {
  seen = [];
  early = null;
  isSlow = false;
  const { promise, resolve } = Promise.withResolvers<void>();
  Object.assign(begun, { promise, resolve });
});

const rest = (request: IncomingMessage): void => {
  request.pause();
  setImmediate(() => request.resume());
};
const field = (name: string, value: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const fileHead = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
const end = '\r\n--b--\r\n';
const chunk = Buffer.alloc(65_536, 7);

function begin(path: string, length?: number): ClientRequest {
  const request = httpRequest(`${gateway.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${gateway.callerKey}`,
      'content-type': 'multipart/form-data; boundary=b',
      ...(length === undefined ? {} : { 'content-length': length }),
    },
  });
  request.on('error', () => undefined);
  return request;
}

async function write(request: ClientRequest, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !request.destroyed; left -= chunk.length) {
    if (!request.write(chunk.subarray(0, Math.min(left, chunk.length)))) {
      await Promise.race([once(request, 'drain'), once(request, 'close'), once(request, 'response')]);
    }
  }
}

async function answerTo(request: ClientRequest): Promise<{ status: number; body: string }> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const body = (await response.toArray()).join('');
  return { status: response.statusCode ?? 0, body };
}

describe('a form that is passed on while it arrives', () => {
  it('arrives whole, with its model renamed and its length told', async () => {
    const size = 40 * mebibyte;
    const head = field('model', 'openai/whisper-1') + fileHead;
    const request = begin('/v1/audio/transcriptions', head.length + size + end.length);
    const answer = answerTo(request);
    request.write(head);
    await write(request, size);
    request.end(end);
    expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining('heard') });
    const renamed = field('model', 'whisper-1') + fileHead;
    const length = renamed.length + size + end.length;
    expect(seen).toMatchObject([{ path: '/v1/audio/transcriptions', length: `${length}`, bytes: length }]);
    expect(seen[0]?.head.startsWith(renamed)).toBe(true);
  }, 60_000);

  it('arrives to the letter at a provider that reads slowly, many at a time', async () => {
    isSlow = true;
    const file = randomBytes(6 * mebibyte);
    const send = async (step: number): Promise<void> => {
      const request = begin('/v1/files');
      const answer = answerTo(request);
      request.write(field('purpose', 'batch') + fileHead);
      for (let at = 0; at < file.length; at += step) {
        if (!request.write(file.subarray(at, at + step))) await once(request, 'drain');
      }
      request.end(end);
      expect(await answer).toMatchObject({ status: 200 });
    };
    await Promise.all([1_448, 16_000, 65_536, 200_000].map(send));
    const whole = Buffer.concat([Buffer.from(field('purpose', 'batch') + fileHead), file, Buffer.from(end)]);
    expect(seen.map(({ sum }) => sum.digest('hex'))).toEqual(Array(4).fill(hash('sha256', whole)));
  }, 60_000);

  it('is passed on in chunks where its length is not known', async () => {
    const request = begin('/v1/files');
    const answer = answerTo(request);
    request.write(field('purpose', 'batch') + fileHead);
    await write(request, 3 * mebibyte);
    request.end(end);
    expect(await answer).toMatchObject({ status: 200 });
    expect(seen[0]?.length).toBeUndefined();
    expect(seen[0]?.bytes).toBe((field('purpose', 'batch') + fileHead + end).length + 3 * mebibyte);
  }, 30_000);

  it('is given up at the provider when the client goes in the middle of it', async () => {
    const request = begin('/v1/files', 100 * mebibyte);
    const over = Promise.withResolvers<void>();
    early = (upstream) => upstream.on('close', () => over.resolve());
    request.write(field('purpose', 'batch') + fileHead);
    request.write(chunk);
    await begun.promise;
    request.destroy();
    await over.promise;
    expect(seen).toMatchObject([{ cut: true }]);
  }, 30_000);

  it('that turns out too large is refused with 413 while it is passed on', async () => {
    const request = begin('/v1/files');
    const answer = answerTo(request);
    request.write(fileHead);
    await write(request, 257 * mebibyte);
    expect(await answer).toMatchObject({ status: 413, body: expect.stringContaining('request_too_large') });
    request.destroy();
    const announced = begin('/v1/files', 300 * mebibyte);
    const refused = answerTo(announced);
    announced.flushHeaders();
    expect(await refused).toMatchObject({ status: 413 });
    announced.destroy();
    expect(seen).toHaveLength(1);
    const { body } = await gateway.admin('GET', '/accounts');
    for (const { state } of body['data'] as { state: { machine: string } }[])
      expect(state.machine).toBe('closed');
  }, 60_000);

  it('whose model stands behind too large a file is refused; behind a small one it is found', async () => {
    const request = begin('/v1/audio/transcriptions');
    const answer = answerTo(request);
    request.write(fileHead);
    await write(request, 2 * mebibyte);
    expect(await answer).toMatchObject({
      status: 400,
      body: expect.stringContaining('must stand before the file'),
    });
    request.destroy();
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.callerKey, maxRetries: 0 });
    const file = await toFile(Buffer.alloc(500_000, 1), 'a.wav');
    const heard = await openai.audio.transcriptions.create({ file, model: 'openai/whisper-1' });
    expect(heard.text).toBe('heard');
  }, 30_000);

  it('is sent to the next account when the first refuses a small one, and never twice when it has been spent', async () => {
    const refusing = (request: IncomingMessage): void => {
      request.resume();
      const { socket } = request;
      const body = JSON.stringify({
        error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' },
      });
      request.on('end', () =>
        socket.write(
          `HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 1\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      early = null;
    };
    early = refusing;
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.callerKey, maxRetries: 0 });
    const small = await toFile(Buffer.alloc(1_000, 1), 'a.wav');
    expect((await openai.audio.transcriptions.create({ model: 'openai/whisper-1', file: small })).text).toBe(
      'heard',
    );
    expect(new Set(seen.map(({ key }) => key)).size).toBe(2);
    seen = [];
    early = refusing;
    const large = await toFile(Buffer.alloc(900_000, 1), 'a.wav');
    await expect(
      openai.audio.transcriptions.create({ model: 'openai/whisper-1', file: large }),
    ).rejects.toMatchObject({ status: 429 });
    expect(seen).toHaveLength(1);
  }, 30_000);
});
