import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Secret } from '#kernel';
import type { Logger } from '#observability';
import { loadKeyring, type KeyringSource } from './load-keyring.js';

const silent = () =>
  ({ debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() }) satisfies Logger;

describe('loading keys', () => {
  let root: string;
  let source: KeyringSource;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'keyring-'));
    source = {
      configured: null,
      dataDir: join(root, 'data'),
      fileName: 'keyring',
      purpose: 'Sealed things are lost without it',
    };
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('makes a file only its owner can read, in a directory only its owner can enter, and warns once', async () => {
    const logger = silent();
    const first = await loadKeyring(source, logger);
    const second = await loadKeyring(source, logger);
    expect(second.primaryId).toBe(first.primaryId);
    expect(await modeOf(source.dataDir)).toBe(0o700);
    expect(await modeOf(join(source.dataDir, 'keyring'))).toBe(0o600);
    expect(await readdir(source.dataDir)).toEqual(['keyring']);
    expect(logger.warn).toHaveBeenCalledTimes(1);
  });

  it('logs no key material', async () => {
    const logger = silent();
    await loadKeyring(source, logger);
    const text = await readFile(join(source.dataDir, 'keyring'), 'utf8');
    const material = text.trim().split(':').at(-1) ?? '';
    expect(material).toHaveLength(44);
    expect(JSON.stringify(logger.warn.mock.calls)).not.toContain(material);
  });

  it('gives all processes that start at once the same key', async () => {
    const rings = await Promise.all(Array.from({ length: 8 }, () => loadKeyring(source, silent())));
    expect(new Set(rings.map((ring) => ring.primaryId)).size).toBe(1);
  });

  it('refuses a file that every user may read, and says what to do', async () => {
    await loadKeyring(source, silent());
    const path = join(source.dataDir, 'keyring');
    await chmod(path, 0o644);
    await expect(loadKeyring(source, silent())).rejects.toThrow(`chmod 600 ${path}`);
  });

  it('refuses a malformed file, naming it, rather than writing over it', async () => {
    await loadKeyring(source, silent());
    const path = join(source.dataDir, 'keyring');
    await writeFile(path, 'damaged');
    await expect(loadKeyring(source, silent())).rejects.toThrow(`${path}: line 1`);
    expect(await readFile(path, 'utf8')).toBe('damaged');
  });

  it('writes no file when the environment has keys', async () => {
    const material = new Secret(randomBytes(32).toString('base64'));
    const ring = await loadKeyring({ ...source, configured: [{ id: 'env', material }] }, silent());
    expect(ring.primaryId).toBe('env');
    expect(await readdir(root)).toEqual([]);
  });
});
