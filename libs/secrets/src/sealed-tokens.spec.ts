import { describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { KeyPeppers } from './key-peppers.js';
import { SealedTokens } from './sealed-tokens.js';

const pepper = (id: string, byte: number) => ({
  id,
  material: new Secret(Buffer.alloc(32, byte).toString('base64')),
});
const tokensOf = (...peppers: ReturnType<typeof pepper>[]) => new SealedTokens(KeyPeppers.of(peppers));

describe('sealed tokens', () => {
  it('open wherever the same peppers are, also when another has become the primary one', () => {
    const token = tokensOf(pepper('k.1', 1)).seal('upload', 'text é');
    expect(token).toMatch(/^[\w.-]+$/);
    expect(token).not.toContain(Buffer.from('text').toString('base64url'));
    expect(tokensOf(pepper('k.1', 1)).open('upload', token)).toBe('text é');
    expect(tokensOf(pepper('k.2', 2), pepper('k.1', 1)).open('upload', token)).toBe('text é');
  });

  it('never are the same twice', () => {
    const tokens = tokensOf(pepper('k', 1));
    expect(tokens.seal('upload', 'text')).not.toBe(tokens.seal('upload', 'text'));
  });

  it('do not open for another purpose, under another pepper, or changed in any bit', () => {
    const tokens = tokensOf(pepper('k', 1));
    const token = tokens.seal('upload', 'text');
    expect(tokens.open('download', token)).toBeNull();
    expect(tokensOf(pepper('k', 2)).open('upload', token)).toBeNull();
    expect(tokensOf(pepper('other', 1)).open('upload', token)).toBeNull();
    const bytes = Buffer.from(token.slice(2), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tokens.open('upload', `k.${changed.toString('base64url')}`)).toBeNull();
    }
  });

  it.each(['', '.', 'k', 'k.', '.AAAA', 'k.!!!', `k.${'A'.repeat(9_000)}`, 'toString.AAAA'])(
    'are not %p, whatever it is',
    (token) => {
      expect(tokensOf(pepper('k', 1)).open('upload', token)).toBeNull();
    },
  );
});
