import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const run = promisify(execFile);
const adminKey = 'test-admin-key-of-at-least-32-characters';
const headers = { authorization: `Bearer ${adminKey}` };
const chunk = Buffer.alloc(65_536, 7);
let database: TestDatabase;
let dataDir: string;
let provider: Server;
let gateway: GatewayProcess;
let received = 0;

beforeAll(async () => {
  provider = createServer((request, response) => {
    request.on('data', (bytes: Buffer) => (received += bytes.length));
    const upload = { 'x-goog-upload-url': `${addressOf(provider)}/upload/v1beta/files?upload_id=u` };
    request.on('end', () =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'x-goog-upload-status': 'final', ...upload })
        .end('{"text":"heard","file":{"name":"files/f"}}'),
    );
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-upload-'));
  gateway = await startGatewayProcess({
    DATA_DIR: dataDir,
    DATABASE_URL: database.url.reveal(),
    ADMIN_API_KEY: adminKey,
    MODEL_REFRESH_HOURS: '0',
    OPENAI_BASE_URL: `${addressOf(provider)}/v1`,
    OPENAI_API_KEY: 'sk-upload',
    GOOGLE_BASE_URL: addressOf(provider),
    GOOGLE_API_KEY: 'g-upload',
  });
}, 120_000);
afterAll(async () => {
  await gateway.end('SIGTERM');
  provider.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

/** MB the process holds now. */
async function residentMegabytes(): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(gateway.child.pid)]);
  return Number(stdout) / 1_024;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Sends chunks of so many bytes between two texts. @returns the most that the process held meanwhile, MB */
async function send(request: ClientRequest, bytes: number, before = '', behind = ''): Promise<number> {
  const answered = once(request, 'response');
  request.write(before);
  let most = 0;
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!request.write(chunk)) await once(request, 'drain');
    if (sent % (160 * chunk.length) === 0) most = Math.max(most, await residentMegabytes());
  }
  request.end(behind);
  const [response] = (await answered) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(200);
  return Math.max(most, await residentMegabytes());
}

/** Sends a form with a file of this size. */
function form(bytes: number): Promise<number> {
  const type = { 'content-type': 'multipart/form-data; boundary=b' };
  const request = httpRequest(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { ...headers, ...type },
  });
  const model = '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n';
  const file = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
  return send(request, bytes, model + file, '\r\n--b--\r\n');
}

/** Sends a file of this size to Gemini, in one piece. */
async function piece(bytes: number): Promise<number> {
  const command = (name: string) => ({ ...headers, 'x-goog-upload-command': name });
  const begun = await fetch(`${gateway.url}/upload/v1beta/files`, {
    method: 'POST',
    headers: { ...command('start'), 'x-goog-upload-protocol': 'resumable' },
    body: '{}',
  });
  const address = String(begun.headers.get('x-goog-upload-url'));
  return send(httpRequest(address, { method: 'POST', headers: command('upload, finalize') }), bytes);
}

it.each([
  ['a form', form],
  ['a piece of an upload', piece],
])(
  '%s of 200 MB passes through a process that grows by less than 50 MB',
  async (_, upload) => {
    await upload(1_000_000);
    const before = await residentMegabytes();
    received = 0;
    const most = await upload(200_000_000);
    expect(received).toBeGreaterThanOrEqual(200_000_000);
    if (process.env['SHOW_FIGURES'] !== undefined)
      process.stderr.write(`grew by ${(most - before).toFixed(1)} MB\n`);
    expect(most - before).toBeLessThan(50);
  },
  120_000,
);
