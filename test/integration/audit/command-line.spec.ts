import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { CheckpointWriter } from '#audit';
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

function audit(command: string, input = '', more: Record<string, string> = {}): Promise<Ended> {
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
      ['--import', hooks, program, command],
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
