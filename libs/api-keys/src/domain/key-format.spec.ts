import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claimedKeyIdOf, issueKey, keyIdOf } from './key-format.js';

const issue = () => issueKey('live', randomBytes);
const anIssuedKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => issueKey('live', (count) => Buffer.from(bytes.subarray(0, count))).secret.reveal());
const character = fc.oneof(
  fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_'),
  fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
);

describe('key format', () => {
  it('has the published form and reads back its id', () => {
    fc.assert(
      fc.property(anIssuedKey, (key) => {
        expect(key).toMatch(/^pap_live_[0-9A-Za-z]{11}_[0-9A-Za-z]{49}$/);
        expect(keyIdOf(key)).toBe(key.slice(9, 20));
        expect(claimedKeyIdOf(key)).toBe(keyIdOf(key));
      }),
    );
  });

  it('keeps all 256 bits of the secret: the greatest and the least give different keys of one length', () => {
    const most = issueKey('live', (count) => Buffer.alloc(count, 255)).secret.reveal();
    const least = issueKey('live', (count) => Buffer.alloc(count)).secret.reveal();
    expect(most).toHaveLength(least.length);
    expect([keyIdOf(most), keyIdOf(least)]).not.toContain(null);
  });

  it('refuses every key with one wrong character', () => {
    fc.assert(
      fc.property(anIssuedKey, fc.nat({ max: 68 }), character, (key, at, wrong) => {
        fc.pre(key[at] !== wrong);
        expect(keyIdOf(key.slice(0, at) + wrong + key.slice(at + 1))).toBeNull();
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses every single substitution of one key, exhaustively', () => {
    const key = issue().secret.reveal();
    for (let at = 0; at < key.length; at += 1) {
      for (let code = 32; code < 127; code += 1) {
        const wrong = String.fromCharCode(code);
        if (wrong !== key[at]) expect(keyIdOf(key.slice(0, at) + wrong + key.slice(at + 1))).toBeNull();
      }
    }
  });

  it('refuses a key with a character missing or one too many', () => {
    fc.assert(
      fc.property(anIssuedKey, fc.nat({ max: 68 }), character, (key, at, extra) => {
        expect(keyIdOf(key.slice(0, at) + key.slice(at + 1))).toBeNull();
        expect(keyIdOf(key.slice(0, at) + extra + key.slice(at))).toBeNull();
      }),
    );
  });

  it.each(['', 'pap_', 'pap_live__', 'x'.repeat(100_000), `${'pap_live_'.repeat(20)}`])(
    'refuses text that was never a key (%#)',
    (text) => {
      expect(keyIdOf(text)).toBeNull();
      expect(claimedKeyIdOf(text).length).toBeLessThanOrEqual(11);
    },
  );

  it('previews no character of the secret', () => {
    const { secret, preview, keyId } = issue();
    expect(preview).toBe(`pap_live_${keyId}_…`);
    expect(secret.reveal().startsWith(preview.slice(0, -1))).toBe(true);
  });

  it.each(['', 'Live', 'a_b', 'abcdefghijklm'])('refuses %p as environment', (environment) => {
    expect(() => issueKey(environment, randomBytes)).toThrow(RangeError);
  });
});
