import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { writeCheckpoint } from './checkpoint.js';
import { CheckpointFile } from './checkpoint-file.js';
import { SigningKeys } from './signing-keys.js';

const pepper = (id: string, fill: number) => ({
  id,
  material: new Secret(Buffer.alloc(32, fill).toString('base64')),
});
const keysOf = (...peppers: ReturnType<typeof pepper>[]): SigningKeys =>
  new SigningKeys(KeyPeppers.of(peppers));
const checkpoint = (sequence: number) => ({
  sequence,
  hash: 'ab'.repeat(32),
  at: '2026-01-01T00:00:00.000Z',
});

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  path = join(directory, 'audit-checkpoints.jsonl');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a file of checkpoints', () => {
  it('holds what was appended, also what an older pepper signed', async () => {
    await new CheckpointFile(path, keysOf(pepper('old', 1))).append(checkpoint(1));
    const file = new CheckpointFile(path, keysOf(pepper('new', 2), pepper('old', 1)));
    await file.append(checkpoint(2));
    expect(await file.read()).toEqual({ checkpoints: [checkpoint(1), checkpoint(2)], refused: 0 });
    const stranger = new CheckpointFile(path, keysOf(pepper('new', 3)));
    expect(await stranger.read()).toEqual({ checkpoints: [], refused: 2 });
  });

  it('is thinned out, the newest half untouched', async () => {
    const keys = keysOf(pepper('p', 1));
    const line = writeCheckpoint(checkpoint(0), keys);
    await writeFile(path, `${Array.from({ length: 20_000 }, () => line).join('\n')}\n`);
    await new CheckpointFile(path, keys).append(checkpoint(7));
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(15_001);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ sequence: 7 });
  });
});
