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

const isSpace = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

function skipSpace(json: string, from: number): number {
  let at = from;
  while (isSpace(json.charCodeAt(at))) at += 1;
  return at;
}

/** @returns the position behind the string that starts at `from` */
function skipString(json: string, from: number): number {
  let end = json.indexOf('"', from + 1);
  while (end !== -1) {
    let escapes = 0;
    while (json.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
    end = json.indexOf('"', end + 1);
  }
  return json.length;
}

function skipNested(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) at = skipString(json, at) - 1;
    else if (code === openBrace || code === openBracket) depth += 1;
    else if (code === closeBrace || code === closeBracket) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return json.length;
}

/** @returns the position behind the value that starts at `from` */
function skipValue(json: string, from: number): number {
  const first = json.charCodeAt(from);
  if (first === quote) return skipString(json, from);
  if (first === openBrace || first === openBracket) return skipNested(json, from);
  let at = from;
  for (let code = first; at < json.length && code !== comma && code !== closeBrace && !isSpace(code);) {
    at += 1;
    code = json.charCodeAt(at);
  }
  return at;
}

function readKey(json: string, start: number, end: number): string {
  const key = json.slice(start + 1, end - 1);
  return key.includes('\\') ? (JSON.parse(json.slice(start, end)) as string) : key;
}

/** Every top-level member with one of the wanted keys, duplicates too, in order. */
function findMembers(json: string, isWanted: (key: string) => boolean): readonly Span[] {
  const found: Span[] = [];
  let at = skipSpace(json, json.indexOf('{') + 1);
  while (json.charCodeAt(at) === quote) {
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
  let next = open;
  while (isSpace(json[next] ?? 0)) next += 1;
  const separator = json[next] === closeBrace ? '' : ',';
  return Buffer.concat([
    json.subarray(0, open),
    Buffer.from(members.join(',') + separator),
    json.subarray(open),
  ]);
}

/**
 * Sets top-level members of a JSON object in its bytes; every other byte stays as the caller wrote it. Of a key that
 * occurs twice both values are set, so that it does not matter which of them a provider takes.
 *
 * @param json the bytes of an object that `JSON.parse` has accepted
 * @param members JSON text by key, at least one; keys in ASCII
 */
export function setMembers(json: Buffer, members: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  const missing = new Set(Object.keys(members));
  let copied = 0;
  // One character per byte: positions agree, and searching text is several times faster than searching a buffer.
  const text = json.toString('latin1');
  for (const { key, start, end } of findMembers(text, (name) => Object.hasOwn(members, name))) {
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
