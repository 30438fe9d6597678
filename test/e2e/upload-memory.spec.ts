import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
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
    request.on('end', () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"text":"heard"}'),
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
    OPENAI_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}/v1`,
    OPENAI_API_KEY: 'sk-upload',
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

/** Sends a form with a file of this size. @returns the most that the process held meanwhile, MB */
async function upload(bytes: number): Promise<number> {
  const request = httpRequest(`${gateway.url}/v1/audio/transcriptions`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'multipart/form-data; boundary=b' },
  });
  const answered = once(request, 'response');
  request.write('--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n');
  request.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n');
  let most = 0;
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!request.write(chunk)) await once(request, 'drain');
    if (sent % (160 * chunk.length) === 0) most = Math.max(most, await residentMegabytes());
  }
  request.end('\r\n--b--\r\n');
  const [response] = (await answered) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(200);
  return Math.max(most, await residentMegabytes());
}

it('a file of 200 MB passes through a process that grows by less than 50 MB', async () => {
  await upload(1_000_000);
  const before = await residentMegabytes();
  const most = await upload(200_000_000);
  expect(received).toBeGreaterThan(200_000_000);
  if (process.env['SHOW_FIGURES'] !== undefined)
    process.stderr.write(`grew by ${(most - before).toFixed(1)} MB\n`);
  expect(most - before).toBeLessThan(50);
}, 120_000);
