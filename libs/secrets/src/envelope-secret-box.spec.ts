import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '#kernel';
import { EnvelopeSecretBox } from './envelope-secret-box.js';
import { decodeEnvelope, encodeEnvelope } from './envelope.js';
import { Keyring } from './keyring.js';
import { LocalKeyEncryptionKeys } from './local-key-encryption-keys.js';
import type { SealContext } from './secret-box.js';

const key = (id: string) => ({ id, material: new Secret(randomBytes(32).toString('base64')) });
const boxOf = (...keys: ReturnType<typeof key>[]) =>
  new EnvelopeSecretBox(new LocalKeyEncryptionKeys(new Keyring(keys)));

const older = key('older');
const box = boxOf(older);
const cell: SealContext = { table: 'accounts', column: 'credential', rowId: '1' };
const textOf = (opened: unknown) => (opened instanceof Secret ? opened.reveal() : opened);

describe('secret box', () => {
  it('gives back every text it sealed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
        expect(textOf(await box.open(await box.seal(new Secret(text), cell), cell))).toBe(text);
      }),
    );
  });

  it('opens what an older key sealed after a newer one became primary', async () => {
    const envelope = await box.seal(new Secret('sk-1'), cell);
    expect(textOf(await boxOf(key('newer'), older).open(envelope, cell))).toBe('sk-1');
  });

  it.each<[string, Partial<SealContext>]>([
    ['table', { table: 'account' }],
    ['column', { column: 'note' }],
    ['row', { rowId: '2' }],
  ])('opens in no other %s', async (_, other) => {
    const envelope = await box.seal(new Secret('sk-1'), cell);
    expect(await box.open(envelope, { ...cell, ...other })).toEqual({ unreadable: true, reason: 'damaged' });
  });

  it('does not mix up cells whose names run into each other', async () => {
    const envelope = await box.seal(new Secret('sk-1'), { table: 'ab', column: 'c', rowId: '1' });
    const opened = await box.open(envelope, { table: 'a', column: 'bc', rowId: '1' });
    expect(opened).toEqual({ unreadable: true, reason: 'damaged' });
  });

  it('says unknown_key when the key is not there, damaged when another key has its id', async () => {
    const envelope = await box.seal(new Secret('sk-1'), cell);
    expect(await boxOf(key('newer')).open(envelope, cell)).toEqual({
      unreadable: true,
      reason: 'unknown_key',
    });
    expect(await boxOf(key('older')).open(envelope, cell)).toEqual({ unreadable: true, reason: 'damaged' });
  });

  it('cannot be moved to another key by writing its id into the envelope', async () => {
    const material = new Secret(randomBytes(32).toString('base64'));
    const twins = boxOf({ id: 'a', material }, { id: 'b', material });
    const parts = decodeEnvelope(await twins.seal(new Secret('sk-1'), cell));
    if (parts === null) throw new Error('no envelope');
    const moved = encodeEnvelope({ ...parts, key: { ...parts.key, keyId: 'b' } });
    expect(await twins.open(moved, cell)).toEqual({ unreadable: true, reason: 'damaged' });
  });

  it('turns no byte string whatever into a text or a crash, one changed bit included', async () => {
    const envelope = await box.seal(new Secret('sk-proj-canary'), cell);
    const flipped = fc.nat({ max: envelope.length * 8 - 1 }).map((bit) => {
      const bytes = Buffer.from(envelope);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return bytes;
    });
    const cut = fc.nat({ max: envelope.length - 1 }).map((length) => envelope.subarray(0, length));
    const noise = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(flipped, cut, noise), async (bytes) => {
        expect(await box.open(bytes, cell)).toMatchObject({ unreadable: true });
      }),
      { numRuns: 500 },
    );
  });

  it('shows nothing of the text, and seals the same text differently each time', async () => {
    const first = await box.seal(new Secret('sk-proj-canary'), cell);
    const second = await box.seal(new Secret('sk-proj-canary'), cell);
    expect(first.includes('canary')).toBe(false);
    expect(first).not.toEqual(second);
    expect(first.length).toBeLessThan('sk-proj-canary'.length + 110);
  });
});
