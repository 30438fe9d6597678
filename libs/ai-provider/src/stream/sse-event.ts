/** One server-sent event, taken apart. */
export interface SseEvent {
  /** Of the `event:` line; empty when there was none. */
  readonly name: string;
  /** The `data:` lines joined by line feeds; empty when there was none. */
  readonly data: string;
}

const byteOrderMark = '\ufeff';

const valueOf = (line: string, colon: number) => line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);

/** Whether bytes are the beginning of server-sent events, and not of a document. */
export const beginsLikeEvents = (bytes: Buffer): boolean =>
  /^\ufeff?(?:data:|event:|id:|retry:|:)/.test(bytes.toString('utf8', 0, 16));

/** Takes the text of one whole event apart. Comments and unknown fields are skipped, and a mark of the byte order. */
export function readEvent(text: string): SseEvent {
  const only = onlyData(text);
  if (only !== null) return { name: '', data: only };
  return readLines(text.startsWith(byteOrderMark) ? text.slice(1) : text);
}

/** The data of an event that is a single `data: ` line, as nearly all are: found without splitting lines. */
function onlyData(text: string): string | null {
  const end = text.length - 2;
  const isOneLine = text.startsWith('data: ') && text.indexOf('\n') === end && text.endsWith('\n');
  return isOneLine && text[end - 1] !== '\r' ? text.slice(6, end) : null;
}

function readLines(text: string): SseEvent {
  let name = '';
  let data: string | null = null;
  for (const raw of text.split(text.includes('\n') ? '\n' : '\r')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.startsWith('data:')) data = data === null ? valueOf(line, 4) : `${data}\n${valueOf(line, 4)}`;
    else if (line.startsWith('event:')) name = valueOf(line, 5);
  }
  return { name, data: data ?? '' };
}
