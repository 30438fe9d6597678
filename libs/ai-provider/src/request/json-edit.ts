/** Where the value of one top-level member lies in the bytes. */
interface Span {
  readonly key: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at += 1;
  return at;
}

/** @returns the position behind the string that starts at `from` */
function skipString(json: Buffer, from: number): number {
  let end = json.indexOf(quote, from + 1);
  while (end !== -1) {
    let escapes = 0;
    while (json[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
    end = json.indexOf(quote, end + 1);
  }
  return json.length;
}

function skipNested(json: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) at = skipString(json, at) - 1;
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return json.length;
}

/** @returns the position behind the value that starts at `from` */
function skipValue(json: Buffer, from: number): number {
  const first = json[from];
  if (first === quote) return skipString(json, from);
  if (first === openBrace || first === openBracket) return skipNested(json, from);
  let at = from;
  while (at < json.length && json[at] !== comma && json[at] !== closeBrace && !isSpace(json[at])) at += 1;
  return at;
}

function readKey(json: Buffer, start: number, end: number): string {
  const plain = json.indexOf(backslash, start);
  return plain === -1 || plain >= end
    ? json.toString('utf8', start + 1, end - 1)
    : (JSON.parse(json.toString('utf8', start, end)) as string);
}

/** Every top-level member with one of the wanted keys, duplicates too, in the order of the bytes. */
function findMembers(json: Buffer, isWanted: (key: string) => boolean): readonly Span[] {
  const found: Span[] = [];
  let at = skipSpace(json, json.indexOf(openBrace) + 1);
  while (at < json.length && json[at] === quote) {
    const keyEnd = skipString(json, at);
    const key = readKey(json, at, keyEnd);
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = skipValue(json, start);
    if (isWanted(key)) found.push({ key, start, end });
    at = skipSpace(json, skipSpace(json, end) + 1);
  }
  return found;
}

function inserted(json: Buffer, members: readonly string[]): Buffer {
  const open = json.indexOf(openBrace) + 1;
  const isEmpty = json[skipSpace(json, open)] === closeBrace;
  return Buffer.concat([
    json.subarray(0, open),
    Buffer.from(members.join(',') + (isEmpty ? '' : ',')),
    json.subarray(open),
  ]);
}

/**
 * Sets top-level members of a JSON object in its bytes; every other byte stays as the caller wrote it. Of a key that
 * occurs twice both values are set, so that it does not matter which of them a provider takes.
 *
 * @param json the bytes of an object that `JSON.parse` has accepted
 * @param members JSON text by key, at least one
 */
export function setMembers(json: Buffer, members: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const missing = new Set(Object.keys(members));
  let copied = 0;
  for (const { key, start, end } of findMembers(json, (name) => Object.hasOwn(members, name))) {
    parts.push(json.subarray(copied, start), Buffer.from(members[key] ?? 'null'));
    copied = end;
    missing.delete(key);
  }
  const edited = copied === 0 ? json : Buffer.concat([...parts, json.subarray(copied)]);
  if (missing.size === 0) return edited;
  return inserted(
    edited,
    [...missing].map((key) => `${JSON.stringify(key)}:${members[key]}`),
  );
}
