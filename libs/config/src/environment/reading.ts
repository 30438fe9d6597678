import { isIP } from 'node:net';
import { Secret } from '#kernel';

/** A text understood, or what is wrong with it. A fault says what would be right and quotes no secret. */
export type Reading<Value> = { readonly value: Value } | { readonly fault: string };

/** Reads the text of one variable; it is trimmed and not empty. */
export type Reader<Value> = (text: string) => Reading<Value>;

/** A whole number. */
export const integer =
  (least: number, most: number): Reader<number> =>
  (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    return value >= least && value <= most
      ? { value }
      : { fault: `must be a whole number from ${least} to ${most}` };
  };

/** A decimal number greater than zero, in minutes; read as milliseconds. */
export const minutes =
  (most: number): Reader<number> =>
  (text) => {
    const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
    return value > 0 && value <= most
      ? { value: value * 60_000 }
      : { fault: `must be a number of minutes above 0, up to ${most}` };
  };

/** One of a few words. */
export const choice =
  <Word extends string>(...words: readonly Word[]): Reader<Word> =>
  (text) => {
    const value = words.find((word) => word === text.toLowerCase());
    return value === undefined ? { fault: `must be one of ${words.join(', ')}` } : { value };
  };

/** Yes or no. */
export const flag: Reader<boolean> = (text) => {
  const reading = choice('true', 'false', '1', '0')(text);
  return 'fault' in reading ? reading : { value: reading.value === 'true' || reading.value === '1' };
};

/** A text without white space. */
export const word: Reader<string> = (text) =>
  /\s/.test(text) ? { fault: 'must hold no white space' } : { value: text };

/** Any text. */
export const anyText: Reader<string> = (text) => ({ value: text });

/** A secret a person chose. */
export const secret =
  (leastCharacters: number): Reader<Secret> =>
  (text) =>
    text.length < leastCharacters
      ? { fault: `must have at least ${leastCharacters} characters` }
      : { value: new Secret(text) };

/** A provider key: goes into a header, so it can hold printable ASCII only. */
export const providerKey: Reader<Secret> = (text) =>
  /^[\x21-\x7e]+$/.test(text)
    ? { value: new Secret(text) }
    : { fault: 'holds white space or characters that no key has' };

/** One step of a path: 1 to 48 letters, digits, `.`, `_`, `-`, not only dots. */
export const pathWord: Reader<string> = (text) =>
  /^(?!\.+$)[A-Za-z0-9._-]{1,48}$/.test(text)
    ? { value: text }
    : { fault: 'must be 1 to 48 letters, digits, ".", "_", "-"' };

/** A key of AWS KMS: its id, its ARN, an alias, or the ARN of an alias. */
export const kmsKey: Reader<string> = (text) =>
  /^(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:)?(?:(?:alias|key)\/)?[A-Za-z0-9/_-]{1,256}$/.test(text)
    ? { value: text }
    : { fault: 'must be the id, ARN or alias of a key' };

/** A key of Google Cloud KMS by its full name; its last part is short enough to be told in ids of keys. */
export const gcpKey: Reader<string> = (text) =>
  /^projects\/[a-z0-9.:-]+\/locations\/[a-z0-9-]+\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,48}$/.test(text)
    ? { value: text }
    : {
        fault:
          'must be projects/…/locations/…/keyRings/…/cryptoKeys/…, the last of 1 to 48 letters, digits, "_", "-"',
      };

/** The address of an HTTP API, without trailing slash. */
export const baseUrl: Reader<string> = (text) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    return { fault: 'must be an http:// or https:// URL' };
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    return { fault: 'must hold no user, password, query or fragment; keys go into variables of their own' };
  }
  return { value: text.replace(/\/+$/, '') };
};

/** The address of a Postgres database; may hold its password. */
export const postgresUrl: Reader<Secret> = (text) =>
  URL.canParse(text) && /^postgres(ql)?:\/\//.test(text)
    ? { value: new Secret(text) }
    : { fault: 'must be a URL like postgres://user:password@host:5432/database' };

/** The address of a Redis; may hold its password. */
export const redisUrl: Reader<Secret> = (text) =>
  URL.canParse(text) && /^rediss?:\/\//.test(text)
    ? { value: new Secret(text) }
    : { fault: 'must be a URL like redis://user:password@host:6379/0' };

const mostAddresses = 500;

/** Addresses and CIDRs, or one count of hops. */
export const proxies: Reader<readonly string[]> = (text) => {
  if (/^\d{1,2}$/.test(text)) return { value: [text] };
  const entries = listOf(text);
  return entries.every(isAddressOrCidr)
    ? { value: entries }
    : { fault: 'must list IP addresses and CIDRs such as 10.0.0.0/8, or be a count of hops up to 99' };
};

/** Addresses and CIDRs. */
export const addresses: Reader<readonly string[]> = (text) => {
  const entries = listOf(text);
  return entries.length <= mostAddresses && entries.every(isAddressOrCidr)
    ? { value: entries }
    : { fault: `must list up to ${mostAddresses} IP addresses and CIDRs such as 10.0.0.0/8` };
};

function isAddressOrCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** The entries of a comma-separated list, trimmed, without empty ones. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
