import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatIpAddress, readIpAddress } from './ip-address.js';

const read = (text: string): string | null => {
  const address = readIpAddress(text);
  return address && formatIpAddress(address);
};

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:8080', '203.0.113.7'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:443', 'fe80::1'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:80', '203.0.113.7'],
    ['64:ff9b::203.0.113.7', '203.0.113.7'],
    ['64:ff9b::cb00:7107', '203.0.113.7'],
    ['64:ff9b:1::1', '64:ff9b:1::1'],
    ['::', '::'],
  ])('is read from %s as %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    '1.2.3',
    '010.0.0.1',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.4:',
    '1.2.3.4:999999',
    '[1.2.3.4',
    '[]',
    '[]:80',
    '2001:db8::1]:80',
    '2001:db8::1::2',
    '1.2.3.4, 5.6.7.8',
    '１.２.３.４',
    '1.2.3.4\u0000',
    `${'1'.repeat(10_000)}.2.3.4`,
  ])('is not read from %j', (text) => {
    expect(readIpAddress(text)).toBeNull();
  });

  it('is the same however it was written, for every IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        const forms = [text, `${text}:1`, `::ffff:${text}`, `64:ff9b::${text}`, `[::ffff:${text}]:65535`];
        expect(forms.map(read)).toEqual(forms.map(() => text));
      }),
    );
  });

  it('comes back as it was, for every IPv6 address', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const address = readIpAddress(text);
        expect(address).not.toBeNull();
        expect(readIpAddress(read(text) ?? '')).toEqual(address);
      }),
    );
  });

  it('is never read from a text by throwing, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        readIpAddress(text);
      }),
    );
  });
});
