import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatIpAddress } from '#api-keys';
import type { GatewayConfig } from '#config';
import { ClientAddresses } from './client-addresses.js';

function clientOf(trusted: readonly string[], peer: string | undefined, forwarded?: string): string | null {
  const addresses = new ClientAddresses({ server: { trustedProxies: trusted } as GatewayConfig['server'] });
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const address = addresses.of({ socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage);
  return address && formatIpAddress(address);
}

const peer = '10.0.0.9';

describe('who is behind a connection', () => {
  it.each<[string, string[], string, string | undefined, string | null]>([
    ['no proxy: the peer, whatever it claims', [], peer, '1.1.1.1', peer],
    ['no hops: the peer', ['0'], peer, '1.1.1.1', peer],
    ['one hop: what the proxy wrote', ['1'], peer, '1.1.1.1', '1.1.1.1'],
    ['one hop: not what the client wrote in front', ['1'], peer, '9.9.9.9, 1.1.1.1', '1.1.1.1'],
    ['two hops: what the outer proxy wrote', ['2'], peer, '9.9.9.9, 1.1.1.1, 2.2.2.2', '1.1.1.1'],
    ['two hops: the inner proxy was reached past the outer', ['2'], peer, '1.1.1.1', '1.1.1.1'],
    ['one hop: no header, as from a probe', ['1'], peer, undefined, peer],
    ['one hop: an empty header', ['1'], peer, '', peer],
    ['one hop: the proxy could not tell', ['1'], peer, '9.9.9.9, unknown', null],
    ['one hop: an empty last entry', ['1'], peer, '9.9.9.9,', null],
    ['one hop: nothing but commas', ['1'], peer, ',,,', null],
    ['listed: the peer is a stranger', ['192.168.0.0/16'], peer, '1.1.1.1', peer],
    [
      'listed: the first from the right that is none',
      ['10.0.0.0/8'],
      peer,
      '9.9.9.9, 1.1.1.1, 10.1.1.1',
      '1.1.1.1',
    ],
    ['listed: all are proxies', ['10.0.0.0/8'], peer, '10.2.2.2, 10.1.1.1', '10.2.2.2'],
    ['listed: garbage behind a proxy', ['10.0.0.0/8'], peer, '10.1.1.1, garbage, 10.1.1.2', null],
    ['a mapped peer is the IPv4 one', ['10.0.0.0/8'], '::ffff:10.0.0.9', '1.1.1.1', '1.1.1.1'],
    ['IPv6 with port', ['1'], '::1', '[2001:db8::1]:443', '2001:db8::1'],
    ['IPv6 with zone', ['1'], '::1', 'fe80::1%eth0', 'fe80::1'],
    ['IPv4 with port', ['1'], peer, '1.1.1.1:5555', '1.1.1.1'],
    ['mapped', ['1'], peer, '::ffff:1.1.1.1', '1.1.1.1'],
    ['NAT64', ['1'], peer, '64:ff9b::1.1.1.1', '1.1.1.1'],
    ['a thousand entries', ['1'], peer, '9.9.9.9, '.repeat(1000) + '1.1.1.1', '1.1.1.1'],
    ['a thousand proxies in a row', ['10.0.0.0/8'], peer, '10.1.1.1, '.repeat(1000) + '10.1.1.1', null],
    ['ten kilobytes of nothing', ['1'], peer, 'x'.repeat(10_240), null],
    ['other alphabets', ['1'], peer, '1.1.1.1, １.１.１.１', null],
  ])('%s', (_name, trusted, socket, forwarded, expected) => {
    expect(clientOf(trusted, socket, forwarded)).toBe(expected);
  });

  it('cannot be told of a socket that has gone', () => {
    expect(clientOf(['1'], undefined, '1.1.1.1')).toBeNull();
  });

  it('does not depend on what a client writes in front, whatever it writes', () => {
    const trusted = fc.constantFrom([], ['1'], ['2'], ['10.0.0.0/8'], ['10.0.0.0/8', '203.0.113.0/24']);
    const written = fc.constantFrom('1.1.1.1', '1.1.1.1, 203.0.113.5', '2001:db8::7, 10.3.3.3');
    fc.assert(
      fc.property(trusted, written, fc.string({ maxLength: 300 }), (proxies, byProxies, forged) => {
        // With two hops the outer proxy always writes an entry of its own.
        if (proxies[0] === '2' && !byProxies.includes(',')) return;
        expect(clientOf(proxies, peer, `${forged}, ${byProxies}`)).toBe(clientOf(proxies, peer, byProxies));
      }),
      { numRuns: 500 },
    );
  });
});
