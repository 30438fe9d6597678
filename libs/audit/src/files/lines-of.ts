/** Longer than any event: those have at most 32 KiB of details, 100 targets and texts of 1,000 characters. */
const longestLine = 1_048_576;
const lineFeed = 0x0a;

/**
 * Cuts bytes into lines, their ends included, in bounded memory; what is after the last end is a line, too. A line that is too
 * long is given in pieces, none of which can be an event.
 */
export async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    let bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed)) {
      yield bytes.subarray(0, end + 1);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > longestLine) {
      yield bytes;
      bytes = Buffer.alloc(0);
    }
    rest = bytes;
  }
  if (rest.length > 0) yield rest;
}
