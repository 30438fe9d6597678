import { BlockList, isIPv4 } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addressFaults, AddressList } from './address-list.js';
import { AddressRule } from './address-rule.js';
import { readIpAddress, type IpAddress } from './ip-address.js';

const at = (text: string): IpAddress => readIpAddress(text) ?? [];
const has = (entries: string[], text: string) => AddressList.compile(entries)?.has(at(text));

describe('a list of addresses', () => {
  it.each<[string[], string, boolean]>([
    [['203.0.113.7'], '203.0.113.7', true],
    [['203.0.113.7'], '203.0.113.8', false],
    [['203.0.113.0/24'], '203.0.113.255', true],
    [['203.0.113.77/24'], '203.0.113.1', true],
    [['203.0.113.0/24'], '203.0.114.0', false],
    [['0.0.0.0/0'], '255.1.2.3', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['::/0'], '2001:db8::1', true],
    [['::/0'], '1.2.3.4', false],
    [['2001:db8::/33'], '2001:db8:7fff::1', true],
    [['2001:db8::/33'], '2001:db8:8000::1', false],
    [['10.0.0.0/8', '2001:db8::1'], '2001:db8::1', true],
    [['::ffff:10.0.0.0/104'], '10.9.9.9', true],
    [['::ffff:10.0.0.1'], '10.0.0.1', true],
    [['10.0.0.1'], '::ffff:10.0.0.1', true],
    [['10.0.0.1'], '64:ff9b::10.0.0.1', true],
    [['64:ff9b::10.0.0.1'], '10.0.0.1', true],
    [['10.0.0.1'], '::10.0.0.1', false],
  ])('%j has %s: %p', (entries, text, expected) => {
    expect(has(entries, text)).toBe(expected);
  });

  it.each([
    '',
    'x',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '10.0.0/8',
    'fe80::1%eth0',
    '1.2.3.4:80',
    '10.0.0.0/-1',
    '10.0.0.0/1e1',
  ])('cannot hold %j, and says where it stands', (entry) => {
    expect(AddressList.compile(['10.0.0.1', entry])).toBeNull();
    expect(addressFaults('entries', ['10.0.0.1', entry])).toEqual([
      { field: 'entries[1]', message: 'must be an IP address or a CIDR such as 10.0.0.0/8' },
    ]);
  });

  it('has a bound, and must be a list', () => {
    const many = Array.from({ length: 501 }, () => '10.0.0.1');
    expect(addressFaults('entries', many)).toMatchObject([{ field: 'entries' }]);
    expect(addressFaults('entries', '10.0.0.1' as never)).toMatchObject([{ field: 'entries' }]);
    expect(addressFaults('entries', many.slice(1))).toEqual([]);
  });

  it('agrees with the list of Node on every network and address', () => {
    const network = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
      fc.tuple(fc.ipV6(), fc.integer({ min: 1, max: 128 })),
    );
    const near = ([address, bits]: [string, number]): string => `${address}/${bits}`;
    fc.assert(
      fc.property(network, fc.oneof(fc.ipV4(), fc.ipV6()), (range, text) => {
        const [address, bits] = range;
        const reference = new BlockList();
        reference.addSubnet(address, bits, isIPv4(address) ? 'ipv4' : 'ipv6');
        for (const probe of [text, address]) {
          // Node takes an IPv4 address for its mapped form as well; here it is an IPv4 address alone.
          if (isIPv4(probe) !== isIPv4(address) || /^(::|0*:|64:ff9b|0*64:ff9b)/i.test(probe)) continue;
          expect(has([near(range)], probe)).toBe(reference.check(probe, isIPv4(probe) ? 'ipv4' : 'ipv6'));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a rule', () => {
  const nowMs = 1_000;

  it('restricts nothing when it has no entry', () => {
    expect(AddressRule.of([])).toBeNull();
  });

  it('refuses who is on no list, and who cannot be told', () => {
    const rule = AddressRule.of(['10.0.0.0/8']);
    const verdicts = [at('10.1.1.1'), at('11.1.1.1'), null].map((address) => rule?.check(address, nowMs));
    expect(verdicts).toEqual(['inside', 'refused', 'refused']);
  });

  it('lets nobody in when it cannot be read, not even while it only reports', () => {
    const rule = AddressRule.of(['10.0.0.0/8', 'garbage'], Infinity);
    expect(rule?.check(at('10.1.1.1'), nowMs)).toBe('refused');
  });

  it('only reports until its time has come', () => {
    const rule = AddressRule.of(['10.0.0.0/8'], 2_000);
    expect([1_999, 2_000].map((ms) => rule?.check(at('11.1.1.1'), ms))).toEqual(['reported', 'refused']);
  });
});
