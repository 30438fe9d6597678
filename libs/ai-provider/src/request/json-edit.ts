/** What takes the place of which bytes. */
interface Edit {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly text: string;
}

/** JSON text by key. */
type Members = Readonly<Record<string, string>>;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
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

/** One edit for every top-level member with one of the wanted keys, duplicates too, in order. */
function replacements(json: string, members: Members, missing: Set<string>): Edit[] {
  const edits: Edit[] = [];
  let at = skipSpace(json, json.indexOf('{') + 1);
  while (json.charCodeAt(at) === quote) {
    const keyEnd = skipString(json, at);
    const key = readKey(json, at, keyEnd);
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = skipValue(json, start);
    if (Object.hasOwn(members, key)) {
      edits.push({ start, end, text: members[key] ?? 'null' });
      missing.delete(key);
    }
    at = skipSpace(json, skipSpace(json, end) + 1);
  }
  return edits;
}

/** The edit that puts members in front of all others. */
function insertion(json: string, members: Members, missing: ReadonlySet<string>): Edit {
  const start = json.indexOf('{') + 1;
  const separator = json.charCodeAt(skipSpace(json, start)) === closeBrace ? '' : ',';
  const texts = [...missing].map((key) => `${JSON.stringify(key)}:${members[key]}`);
  return { start, end: start, text: texts.join(',') + separator };
}

/** @param edits in order, none overlapping another */
function applied(json: Buffer, edits: readonly Edit[]): Buffer {
  let length = json.length;
  for (const { start, end, text } of edits) length += Buffer.byteLength(text) - (end - start);
  const edited = Buffer.allocUnsafe(length);
  let read = 0;
  let written = 0;
  for (const { start, end, text } of edits) {
    written += json.copy(edited, written, read, start);
    written += edited.write(text, written);
    read = end;
  }
  json.copy(edited, written, read);
  return edited;
}

/**
 * Sets top-level members of a JSON object in its bytes; every other byte stays as the caller wrote it. Of a key that
 * occurs twice both values are set, so that it does not matter which of them a provider takes.
 *
 * @param json the bytes of an object that `JSON.parse` has accepted
 * @param members JSON text by key, at least one; keys in ASCII
 */
export function setMembers(json: Buffer, members: Members): Buffer {
  // One character per byte: positions agree, and searching text is several times faster than searching a buffer.
  const text = json.toString('latin1');
  const missing = new Set(Object.keys(members));
  const edits = replacements(text, members, missing);
  if (missing.size > 0) edits.unshift(insertion(text, members, missing));
  return applied(json, edits);
}

/**
 * Removes top-level members of a JSON object from its bytes, each as often as it occurs; every other byte stays.
 *
 * @param json the bytes of an object that `JSON.parse` has accepted
 * @returns the same bytes when it has none of them
 */
export function removeMembers(json: Buffer, keys: readonly string[]): Buffer {
  const text = json.toString('latin1');
  const edits: Edit[] = [];
  let keptEnd = -1;
  let at = skipSpace(text, text.indexOf('{') + 1);
  while (text.charCodeAt(at) === quote) {
    const keyEnd = skipString(text, at);
    const end = skipValue(text, skipSpace(text, skipSpace(text, keyEnd) + 1));
    const comma = skipSpace(text, end);
    const next = skipSpace(text, comma + 1);
    const isLast = text.charCodeAt(comma) === closeBrace;
    if (!keys.includes(readKey(text, at, keyEnd))) keptEnd = end;
    // With the comma before it; where nothing is kept before it, with the one behind.
    else if (keptEnd === -1) edits.push({ start: at, end: isLast ? end : next, text: '' });
    else edits.push({ start: Math.max(keptEnd, edits.at(-1)?.end ?? 0), end, text: '' });
    at = next;
  }
  return edits.length === 0 ? json : applied(json, edits);
}

/**
 * Sets one member to a text, as {@link setMembers} does, and for a tenth of its cost where the object's structure need not
 * be looked at: the member is the first, or its key is written just once and no escape could spell it otherwise. Of a
 * first member that comes again with the same text, the first is set.
 *
 * @param key in ASCII
 * @param from what the member is now, as `JSON.parse` tells
 */
export function setText(json: Buffer, key: string, from: unknown, to: string): Buffer {
  const text = JSON.stringify(to);
  const edit = typeof from === 'string' ? textEdit(json, `"${key}"`, from, text) : null;
  return edit === null ? setMembers(json, { [key]: text }) : applied(json, [edit]);
}

/** Searching a buffer costs a tenth of searching a text of this length. */
function textEdit(json: Buffer, key: string, from: string, text: string): Edit | null {
  const at = json.indexOf(key, 0, 'latin1');
  if (at === -1 || !(isFirst(json, at) || isSole(json, key, at))) return null;
  let start = at + key.length;
  while (json[start] === colon || isSpace(json[start] ?? 0)) start += 1;
  const end = start + from.length + 2;
  return json.toString('latin1', start, end) === `"${from}"` ? { start, end, text } : null;
}

function isFirst(json: Buffer, at: number): boolean {
  let before = at - 1;
  while (isSpace(json[before] ?? 0)) before -= 1;
  // Of another object nothing is known but where it begins.
  return json[before] === openBrace && json.indexOf('{', 0, 'latin1') === before;
}

const isSole = (json: Buffer, key: string, at: number): boolean =>
  !json.includes(key, at + key.length, 'latin1') && !json.includes('\\u', 0, 'latin1');
