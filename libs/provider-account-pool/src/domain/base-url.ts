import { BlockList, isIP, isIPv6 } from 'node:net';

const neverReachable = blockList(['169.254.0.0/16', '100.100.100.200/32', 'fe80::/10', 'fd00:ec2::254/128']);
const privateRanges = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::/127',
  'fc00::/7',
]);
const metadataHost = /^(metadata|metadata\.google\.internal|instance-data(\.ec2\.internal)?)\.?$/i;
const localHost = /^(.*\.)?localhost\.?$/i;

/**
 * Checks a base URL as typed by a person. Names are resolved, and the addresses checked, when a call is made: here only
 * what can be told from the text.
 *
 * @param privateUpstreams whether loopback and private ranges are fine (self-hosted models)
 * @returns what is wrong, for people, or `null`
 */
export function baseUrlFault(text: string, privateUpstreams: 'allow' | 'deny'): string | null {
  const url = text.length <= 2048 ? URL.parse(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must not contain a user or a password';
  if (url.search !== '' || url.hash !== '') return 'must not contain a query or a fragment';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (metadataHost.test(host) || contains(neverReachable, host)) {
    return 'must not point to a link-local or cloud metadata address';
  }
  if (privateUpstreams === 'deny' && (localHost.test(host) || contains(privateRanges, host))) {
    return 'must not point to a loopback or private address';
  }
  return null;
}

function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Mapped addresses (`::ffff:169.254.169.254`) are matched by the rules of what they map. */
function contains(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
