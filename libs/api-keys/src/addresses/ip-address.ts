import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * An address as numbers of 32 bits: one for IPv4, four for IPv6. An IPv4 address that comes inside an IPv6 one, mapped
 * (`::ffff:a.b.c.d`) or from behind a translator (`64:ff9b::a.b.c.d`, RFC 6052), is the IPv4 address.
 */
export type IpAddress = readonly number[];

/** Of an IPv6 address that holds an IPv4 one, the bits before that. */
export const embeddingBits = 96;

/** Longer than any address with zone and port. */
const longest = 128;
/** `[v6]`, `[v6]:port` or `v4:port`. */
const withPort = /^(?:\[([^\]]*)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+):\d{1,5})$/;

/**
 * Reads an address as sockets and proxies write it: with or without port, brackets and zone.
 *
 * @returns `null` when it is none; octal, hexadecimal and shortened forms of IPv4 are none
 */
export function readIpAddress(text: string): IpAddress | null {
  if (text.length > longest) return null;
  const plain = wordsOf(text);
  if (plain !== null) return withoutEmbedding(plain);
  const found = withPort.exec(text);
  const words = found === null ? null : wordsOf(found[1] ?? found[2] ?? '');
  return words && withoutEmbedding(words);
}

/** An address as people read it, without port and zone. */
export function formatIpAddress(address: IpAddress): string {
  const bytes = address.flatMap((word) => [24, 16, 8, 0].map((shift) => (word >>> shift) & 255));
  return ipaddr.fromByteArray(bytes).toString();
}

/** The numbers of an address that is nothing but one, with what it holds left inside; a zone of IPv6 is dropped. */
export function wordsOf(text: string): IpAddress | null {
  const family = isIP(text);
  if (family === 4) return [wordOfV4(text)];
  if (family === 0) return null;
  const { parts } = ipaddr.IPv6.parse(inHexadecimal(text));
  return [0, 2, 4, 6].map((at) => ((parts[at] ?? 0) << 16) | (parts[at + 1] ?? 0));
}

/** Whether an IPv6 address holds an IPv4 one. */
export const isEmbedding = ([first, second, third, ...rest]: IpAddress): boolean =>
  rest.length === 1 &&
  second === 0 &&
  ((first === 0 && third === 0xffff) || (first === 0x64ff9b && third === 0));

function withoutEmbedding(words: IpAddress): IpAddress {
  return isEmbedding(words) ? words.slice(3) : words;
}

/** An IPv6 address without the dotted form of its end, which the parser takes for a mapped one wherever it stands. */
function inHexadecimal(text: string): string {
  const [address = ''] = text.split('%', 1);
  const colon = address.lastIndexOf(':');
  if (!address.includes('.', colon)) return address;
  const word = wordOfV4(address.slice(colon + 1));
  return `${address.slice(0, colon + 1)}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
}

function wordOfV4(text: string): number {
  let word = 0;
  let part = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      word = (word << 8) | part;
      part = 0;
    } else part = part * 10 + code - 48;
  }
  return (word << 8) | part;
}
