/** A part of a multipart form. */
export interface FormPart {
  readonly filename: string;
  readonly type: string;
  readonly content: Buffer;
}

/** The parts of a form by their names; of equal names the last. Parts without a name are left out. */
export function formParts(form: Buffer): ReadonlyMap<string, FormPart> {
  const parts = new Map<string, FormPart>();
  const firstLine = form.indexOf('\r\n');
  const mark = form.subarray(0, Math.max(firstLine, 0));
  if (mark.length < 3) return parts;
  let start = mark.length;
  for (let end = form.indexOf(mark, start); end >= 0; end = form.indexOf(mark, start)) {
    const blank = form.indexOf('\r\n\r\n', start);
    if (blank >= 0 && blank < end) {
      const head = form.toString('utf8', start, blank);
      const name = /\bname="([^"]*)"/.exec(head)?.[1];
      const filename = /\bfilename="([^"]*)"/.exec(head)?.[1] ?? '';
      const type = /content-type: *([^\r\n]+)/i.exec(head)?.[1] ?? 'application/octet-stream';
      if (name !== undefined) parts.set(name, { filename, type, content: form.subarray(blank + 4, end - 2) });
    }
    start = end + mark.length;
  }
  return parts;
}

/** A short text of a form; empty where there is none. */
export const formText = (parts: ReadonlyMap<string, FormPart>, name: string): string =>
  parts.get(name)?.content.toString('utf8', 0, 260) ?? '';
