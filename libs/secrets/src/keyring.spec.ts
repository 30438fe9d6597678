import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { Keyring, newKeyLines, parseKeyLines } from './keyring.js';

const named = (id: string, bytes = 32) => ({
  id,
  material: new Secret(randomBytes(bytes).toString('base64')),
});

describe('keyring', () => {
  it('has the first key as primary and knows the others', () => {
    const ring = new Keyring([named('b'), named('a')]);
    expect(ring.primaryId).toBe('b');
    expect(ring.get('a')).toBeDefined();
    expect(ring.get('c')).toBeUndefined();
  });

  it.each([
    ['no key at all', []],
    ['a key of 31 bytes', [named('a', 31)]],
    ['an id with a colon', [named('a:b')]],
    ['an id twice', [named('a'), named('a')]],
  ])('refuses %s', (_, keys) => {
    expect(() => new Keyring(keys)).toThrow(RangeError);
  });

  it('never prints key material, nor puts it into an error', () => {
    const key = named('a', 16);
    const text = (value: unknown) => inspect(value, { depth: 9, showHidden: true });
    const good = named('b');
    expect(text(new Keyring([good]))).not.toContain(good.material.reveal());
    expect(() => new Keyring([key])).not.toThrow(key.material.reveal());
  });

  it('reads the key file it writes', () => {
    const keys = parseKeyLines(newKeyLines('Test keys', randomBytes));
    expect(keys).toHaveLength(1);
    expect(new Keyring(keys).primaryId).toMatch(/^k[0-9a-f]{8}$/);
  });

  it('names the line, not the text, of a malformed key file', () => {
    expect(() => parseKeyLines('# head\nsecretWithoutColon')).toThrow(/^line 2 is not/);
  });
});
