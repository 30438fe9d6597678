/** One server-sent event, taken apart. */
export interface SseEvent {
  /** Of the `event:` line; empty when there was none. */
  readonly name: string;
  /** The `data:` lines joined by line feeds; empty when there was none. */
  readonly data: string;
}

const valueOf = (line: string, colon: number) => line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);

/** Takes the text of one whole event apart. Comments and unknown fields are skipped. */
export function readEvent(text: string): SseEvent {
  let name = '';
  let data: string | null = null;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.startsWith('data:')) data = data === null ? valueOf(line, 4) : `${data}\n${valueOf(line, 4)}`;
    else if (line.startsWith('event:')) name = valueOf(line, 5);
  }
  return { name, data: data ?? '' };
}

/**
 * Whether a key occurs with a value other than `null`, told from the text alone. Inside a JSON string the quotes of a
 * key are escaped, so a caller's words cannot be taken for one.
 *
 * @param quotedKey with its quotes, for example `"usage"`
 */
export function hasValue(text: string, quotedKey: string): boolean {
  for (let at = text.indexOf(quotedKey); at !== -1; at = text.indexOf(quotedKey, at + 1)) {
    let value = at + quotedKey.length;
    while (text[value] === ' ' || text[value] === ':') value += 1;
    if (!text.startsWith('null', value)) return true;
  }
  return false;
}
