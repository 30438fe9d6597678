import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { claimDataDir } from './claim-data-dir.js';
import { processIdentity } from './process-identity.js';

describe('the claim on a data directory', () => {
  let parent: string;
  let dataDir: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'gateway-claim-'));
    dataDir = join(parent, 'data');
  });
  afterEach(() => rm(parent, { recursive: true }));

  it('is had once at a time', async () => {
    const first = await claimDataDir(dataDir);
    await expect(claimDataDir(dataDir)).rejects.toThrow(`in use by process ${process.pid}`);
    await first.release();
    await (await claimDataDir(dataDir)).release();
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('is refused while another process holds it, and leaves that one alone', async () => {
    const other = `process-${processIdentity(process.ppid)}.claim`;
    await (await claimDataDir(dataDir)).release();
    await writeFile(join(dataDir, other), '');
    await expect(claimDataDir(dataDir)).rejects.toThrow(`in use by process ${process.ppid}`);
    expect(await readdir(dataDir)).toEqual([other]);
  });

  it('of a process that is gone counts for nothing, even when its pid is in use again', async () => {
    await (await claimDataDir(dataDir)).release();
    await writeFile(join(dataDir, `process-${process.ppid}-1-00000000.claim`), '');
    await writeFile(join(dataDir, 'process-4194305-1-00000000.claim'), '');
    await claimDataDir(dataDir);
    expect(await readdir(dataDir)).toEqual([`process-${processIdentity(process.pid)}.claim`]);
  });

  it('is the same for a process at all times, and none for one that does not run', () => {
    expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
    expect(processIdentity(4_194_305)).toBeNull();
  });
});
