import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { KeyEncryptionKeys } from './key-encryption-keys.js';

/** What the suite needs from an adapter. */
export interface KeyEncryptionKeysFixture {
  /** Keys with `older` as primary. */
  before(): Promise<KeyEncryptionKeys> | KeyEncryptionKeys;
  /** The same keys after a change of key: a newer primary, the older one still there. */
  after(): Promise<KeyEncryptionKeys> | KeyEncryptionKeys;
  /** Keys that know neither. */
  foreign(): Promise<KeyEncryptionKeys> | KeyEncryptionKeys;
}

/** The guarantees of {@link KeyEncryptionKeys}, to be run against each adapter. */
export function keyEncryptionKeysContract(adapter: string, fixture: KeyEncryptionKeysFixture): void {
  const binding = Buffer.from('accounts/credential/1');

  describe(`${adapter} keeps the contract of key-encryption keys`, () => {
    it('gives back the data key it wrapped, and leaves the one it was given alone', async () => {
      const keys = await fixture.before();
      const dataKey = randomBytes(32);
      const given = Buffer.from(dataKey);
      const wrapped = await keys.wrap(given, binding);
      expect(given).toEqual(dataKey);
      expect(await keys.unwrap(wrapped, binding)).toEqual(dataKey);
    });

    it('wraps under its primary key and never the same way twice', async () => {
      const keys = await fixture.before();
      const dataKey = randomBytes(32);
      const first = await keys.wrap(dataKey, binding);
      const second = await keys.wrap(dataKey, binding);
      expect([first.keyId, second.keyId]).toEqual([keys.primaryId, keys.primaryId]);
      expect(first.wrapped).not.toEqual(second.wrapped);
      expect(first.wrapped.includes(dataKey)).toBe(false);
    });

    it('still unwraps what the former primary key wrapped', async () => {
      const dataKey = randomBytes(32);
      const wrapped = await (await fixture.before()).wrap(dataKey, binding);
      const after = await fixture.after();
      expect(after.primaryId).not.toBe(wrapped.keyId);
      expect(await after.unwrap(wrapped, binding)).toEqual(dataKey);
    });

    it('answers unknown_key for the key of somebody else', async () => {
      const [keys, foreign] = [await fixture.before(), await fixture.foreign()];
      const wrapped = await foreign.wrap(randomBytes(32), binding);
      expect([keys.has(keys.primaryId), keys.has(wrapped.keyId)]).toEqual([true, false]);
      expect(await keys.unwrap(wrapped, binding)).toBe('unknown_key');
    });

    it('answers damaged for another binding', async () => {
      const keys = await fixture.before();
      const wrapped = await keys.wrap(randomBytes(32), binding);
      expect(await keys.unwrap(wrapped, Buffer.from('accounts/credential/2'))).toBe('damaged');
    });

    it('answers damaged when any byte is changed or the end is cut off', async () => {
      const keys = await fixture.before();
      const { keyId, wrapped } = await keys.wrap(randomBytes(32), binding);
      for (let index = 0; index < wrapped.length; index += 1) {
        const changed = Buffer.from(wrapped);
        changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
        expect(await keys.unwrap({ keyId, wrapped: changed }, binding)).toBe('damaged');
        expect(await keys.unwrap({ keyId, wrapped: wrapped.subarray(0, index) }, binding)).toBe('damaged');
      }
    });
  });
}
