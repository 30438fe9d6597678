const endOfLine = '\r\n';
const endOfHead = '\r\n\r\n';

const boundaryOf = (contentType: string) => /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);

/**
 * Sets one text field of a multipart form, leaving every other byte as it is.
 *
 * @returns the same bytes when the field has that value already, is missing, or the form cannot be read: a provider
 *   then says what is wrong with it better than we could
 */
export function setFormField(body: Buffer, contentType: string, field: string, value: string): Buffer {
  const match = boundaryOf(contentType);
  const delimiter = Buffer.from(`--${match?.[1] ?? match?.[2] ?? ''}`);
  if (delimiter.length === 2) return body;
  const named = new RegExp(`;\\s*name="?${field}"?(?:;|\\s|$)`, 'i');
  for (let part = body.indexOf(delimiter); part !== -1;) {
    const headEnd = body.indexOf(endOfHead, part);
    const next = body.indexOf(delimiter, part + delimiter.length);
    if (headEnd === -1 || next === -1) return body;
    if (headEnd < next && named.test(body.toString('latin1', part, headEnd))) {
      const start = headEnd + endOfHead.length;
      const end = next - endOfLine.length;
      if (body.toString('utf8', start, end) === value) return body;
      return Buffer.concat([body.subarray(0, start), Buffer.from(value), body.subarray(end)]);
    }
    part = next;
  }
  return body;
}
