import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { AuditExporter, CheckpointWriter } from '#audit';
import { Secret } from '#kernel';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { happened, startAudit } from './audit-process.js';

const root = join(import.meta.dirname, '../../..');
const hooks = join(root, 'test/support/import-typescript.js');
const program = join(root, 'apps/gateway/src/audit-cli/main.ts');
const material = randomBytes(32).toString('base64');
const leaked = 'sk-live-CANARY-0123456789';

let database: TestDatabase;
let dataDir: string;
let app: TestingModule;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-audit-'));
  app = await startAudit({ database, dataDir, keyPeppers: [{ id: 'p1', material: new Secret(material) }] });
  await happened(app, 3);
  await happened(app, 1, { action: 'account.created', secrets: [new Secret(leaked)] });
  await app.get(CheckpointWriter).write();
}, 60_000);
afterAll(async () => {
  await app.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

interface Ended {
  readonly status: number;
  readonly output: string;
  readonly complaint: string;
}

function audit(command: string | string[], input = '', more: Record<string, string> = {}): Promise<Ended> {
  const { PATH = '' } = process.env;
  const url = {
    DATABASE_URL: database.applicationUrl.reveal(),
    DATABASE_MIGRATION_URL: database.url.reveal(),
  };
  const env = { PATH, DATA_DIR: dataDir, KEY_PEPPERS: `p1:${material}`, ...url, ...more };
  return new Promise((resolve) => {
    const options = { env, cwd: root };
    const child = execFile(
      process.execPath,
      ['--import', hooks, program, ...[command].flat()],
      options,
      (error, out, err) => resolve({ status: Number(error?.code ?? 0), output: out, complaint: err }),
    );
    child.stdin?.end(input);
  });
}

describe('npm run audit', () => {
  it('verify: says that nobody touched the log', async () => {
    const { status, output, complaint } = await audit('verify');
    expect({ status, complaint }).toEqual({ status: 0, complaint: '' });
    expect(JSON.parse(output)).toMatchObject({ ok: true, checked: 4, checkpoints: { used: 1 } });
  });

  it('find-secret: lists the events of a leaked secret without showing it', async () => {
    const { status, output } = await audit('find-secret', `${leaked}\n`);
    expect({ status, found: JSON.parse(output) }).toMatchObject({
      status: 0,
      found: { action: 'account.created', sequence: 4 },
    });
    expect(output).not.toContain(leaked);
    expect(await audit('find-secret', 'another')).toEqual({ status: 1, output: '', complaint: '' });
  });

  it('public-key: gives auditors what they check signatures with', async () => {
    expect((await audit('public-key')).output).toMatch(/^# p1\n-----BEGIN PUBLIC KEY-----/);
  });

  it('archive: has nothing to do where all is kept', async () => {
    expect(await audit('archive')).toEqual({ status: 0, output: '', complaint: '' });
  });

  it('verify --file: checks an export with public keys alone: no database, no pepper, and nobody who holds keys', async () => {
    const { content, manifest } = await app.get(AuditExporter).export('jsonl', {});
    const path = join(dataDir, 'export.jsonl');
    let text = '';
    for await (const piece of content) text += piece;
    await writeFile(path, text);
    await writeFile(`${path}.manifest.json`, JSON.stringify(manifest));
    const publicKeys = join(dataDir, 'public-keys');
    await writeFile(publicKeys, (await audit('public-key')).output);
    const alone = {
      DATABASE_URL: '',
      DATABASE_MIGRATION_URL: '',
      KEY_PEPPERS: '',
      DATA_DIR: join(dataDir, 'none'),
      KEY_ENCRYPTION: 'vault',
      VAULT_TRANSIT_KEY: 'pool',
      VAULT_ADDR: 'https://127.0.0.1:1',
      VAULT_TOKEN: 'none',
    };
    const { VAULT_TOKEN, VAULT_ADDR, VAULT_TRANSIT_KEY, KEY_ENCRYPTION } = alone;
    const vault = { VAULT_TOKEN, VAULT_ADDR, VAULT_TRANSIT_KEY, KEY_ENCRYPTION };
    expect(await audit('verify', '', vault)).toMatchObject({ status: 0, complaint: '' });
    const words = ['verify', '--file', path, '--public-keys', publicKeys];
    const whole = await audit(words, '', alone);
    expect({ ...whole, output: JSON.parse(whole.output) as unknown }).toEqual({
      status: 0,
      complaint: '',
      output: {
        ok: true,
        checked: manifest.events,
        complete: true,
        firstSequence: 1,
        lastSequence: manifest.events,
        firstBadSequence: null,
        reason: null,
        file: null,
      },
    });
    await writeFile(path, text.replace('"weight":1', '"weight":9'));
    const touched = await audit(words, '', alone);
    expect({ ...touched, output: JSON.parse(touched.output) as unknown }).toMatchObject({
      status: 1,
      output: { ok: false, firstBadSequence: 2, reason: 'changed', file: path },
    });
    const keyless = await audit(['verify', '--file', path], '', alone);
    expect(keyless).toMatchObject({ status: 78, complaint: expect.stringContaining('set KEY_PEPPERS') });
    for (const wrong of [
      ['verify', '--fil', path],
      ['verify', '--public-keys', publicKeys],
    ])
      expect(await audit(wrong)).toMatchObject({ status: 78, output: '' });
  }, 120_000);

  it('says what it can do, and what is in its way', async () => {
    expect(await audit('delete')).toMatchObject({
      status: 64,
      complaint: expect.stringContaining('find-secret'),
    });
    const nowhere = { DATABASE_URL: '', DATABASE_MIGRATION_URL: '', DATA_DIR: join(dataDir, 'none') };
    expect(await audit('verify', '', nowhere)).toMatchObject({
      status: 78,
      complaint: expect.stringContaining('no embedded database runs'),
    });
  });
});
