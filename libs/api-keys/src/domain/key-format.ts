import { crc32 } from 'node:zlib';
import { Secret } from '#kernel';

/** A freshly made key. */
export interface IssuedKey {
  /** What the key is looked up by; not secret. */
  readonly keyId: string;
  /** The whole key as callers present it. */
  readonly secret: Secret;
  /** What people may see of it: everything up to the secret part. */
  readonly preview: string;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const keyIdBytes = 8;
const secretBytes = 32;
/** Characters that hold 64 bits, 256 bits and a CRC-32 in base 62. */
const [keyIdLength, secretLength, checksumLength] = [11, 43, 6];
const environmentPattern = /^[a-z]{1,12}$/;
const keyPattern = new RegExp(
  `^pap_[a-z]{1,12}_([0-9A-Za-z]{${keyIdLength}})_[0-9A-Za-z]{${secretLength + checksumLength}}$`,
);

/**
 * Makes a key: `pap_<environment>_<keyId>_<secret><checksum>`.
 *
 * @param environment tells people where a key belongs; 1 to 12 of `a-z`, for example `live`
 * @param randomBytes a cryptographic source
 * @throws RangeError when the environment has another form
 */
export function issueKey(environment: string, randomBytes: (count: number) => Buffer): IssuedKey {
  if (!environmentPattern.test(environment)) {
    throw new RangeError(`"${environment}" is no key environment: 1 to 12 letters a-z`);
  }
  const keyId = base62(randomBytes(keyIdBytes), keyIdLength);
  const head = `pap_${environment}_${keyId}_`;
  const body = `${head}${base62(randomBytes(secretBytes), secretLength)}`;
  return { keyId, secret: new Secret(`${body}${checksumOf(body)}`), preview: `${head}…` };
}

/**
 * Where a key has its lookup id, read by position and unchecked: what is there may belong to a key or be part of any text.
 */
export function claimedKeyIdOf(presented: string): string {
  const end = presented.length - secretLength - checksumLength - 1;
  return presented.slice(Math.max(0, end - keyIdLength), Math.max(0, end));
}

/**
 * Reads the lookup id out of a presented key. Refuses what is no key of ours before any store is asked: a CRC-32 finds
 * every wrong character and every two swapped neighbours.
 *
 * @returns the key id; `null` when the text is malformed or its checksum is wrong
 */
export function keyIdOf(presented: string): string | null {
  const keyId = keyPattern.exec(presented)?.[1];
  if (keyId === undefined) return null;
  const bodyLength = presented.length - checksumLength;
  return checksumOf(presented.slice(0, bodyLength)) === presented.slice(bodyLength) ? keyId : null;
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < checksumLength; place += 1) {
    digits = alphabet.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let digits = '';
  for (let place = 0; place < length; place += 1) {
    digits = alphabet.charAt(Number(rest % 62n)) + digits;
    rest /= 62n;
  }
  return digits;
}
