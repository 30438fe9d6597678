import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';

/** Where clouds serve the credentials of the machine: refused always. */
const metadata = new BlockList();
metadata.addSubnet('169.254.0.0', 16, 'ipv4');
metadata.addSubnet('fe80::', 10, 'ipv6');
metadata.addAddress('fd00:ec2::254', 'ipv6');
metadata.addAddress('100.100.100.200', 'ipv4');
metadata.addAddress('168.63.129.16', 'ipv4');
metadata.addAddress('192.0.0.192', 'ipv4');

const internal = new BlockList();
internal.addSubnet('0.0.0.0', 8, 'ipv4');
internal.addSubnet('10.0.0.0', 8, 'ipv4');
internal.addSubnet('100.64.0.0', 10, 'ipv4');
internal.addSubnet('127.0.0.0', 8, 'ipv4');
internal.addSubnet('172.16.0.0', 12, 'ipv4');
internal.addSubnet('192.168.0.0', 16, 'ipv4');
internal.addSubnet('198.18.0.0', 15, 'ipv4');
internal.addAddress('::', 'ipv6');
internal.addAddress('::1', 'ipv6');
internal.addSubnet('fc00::', 7, 'ipv6');

const metadataNames: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
]);
const ownNames = /^(.*\.)?localhost$/;

/** Why a process may not connect to a host: nobody may ever, or private ones are denied. */
export type HostFault = 'metadata' | 'private';

class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

const refusal = (host: string) =>
  Object.assign(new AddressRefused(`connections to ${host} are not allowed`), { syscall: 'connect' });

/** An IPv6 address that stands for an IPv4 one behind a translator (NAT64) is judged by the latter. */
function translated(address: string): string | null {
  const match = /^64:ff9b::([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(address);
  if (match === null) return null;
  const bits = (parseInt(match[1] ?? '', 16) << 16) | parseInt(match[2] ?? '', 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** Whether a process may never, or with `deny` only to the outside, connect to an IP address. */
export function isRefused(address: string, privateUpstreams: 'allow' | 'deny'): boolean {
  const ip = translated(address) ?? address;
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  return metadata.check(ip, family) || (privateUpstreams === 'deny' && internal.check(ip, family));
}

/**
 * Judges a host as it stands in a URL, for what people configure: base URLs of providers, webhooks. Names are resolved, and
 * judged again, when a connection is made by {@link guardedConnector}: both are needed.
 *
 * @param host as `URL.hostname` has it
 */
export function hostFault(host: string, privateHosts: 'allow' | 'deny'): HostFault | null {
  const name = host.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  if (isIP(name) !== 0) {
    if (isRefused(name, 'allow')) return 'metadata';
    return isRefused(name, privateHosts) ? 'private' : null;
  }
  if (metadataNames.has(name)) return 'metadata';
  return privateHosts === 'deny' && ownNames.test(name) ? 'private' : null;
}

/** Looks a name up and refuses it when any of its addresses is forbidden: what is checked is what is dialled. */
function guardedLookup(privateUpstreams: 'allow' | 'deny'): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const refused = addresses?.some(({ address }) => isRefused(address, privateUpstreams)) ?? false;
      const fault = error ?? (refused ? refusal(hostname) : null);
      if (options.all === true) callback(fault, fault === null ? addresses : []);
      else callback(fault, addresses?.[0]?.address ?? '', addresses?.[0]?.family);
    });
  };
}

/**
 * Makes the function that opens connections to providers: cloud metadata and link-local addresses are refused always,
 * private ones when so configured, both as written in a URL and as a name resolves at that very moment.
 *
 * @param connectTimeoutMs > 0
 */
export function guardedConnector(
  privateUpstreams: 'allow' | 'deny',
  connectTimeoutMs: number,
): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    lookup: guardedLookup(privateUpstreams),
  } as buildConnector.BuildOptions);
  return (options, callback) => {
    if (hostFault(options.hostname, privateUpstreams) !== null) callback(refusal(options.hostname), null);
    else connect(options, callback);
  };
}
