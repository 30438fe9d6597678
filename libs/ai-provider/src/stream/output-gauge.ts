/** The rule of thumb of the providers for English; of other scripts, bytes are counted, which comes near enough. */
const bytesPerToken = 4;
/** So much of a stream is measured as a whole, bytes; behind it one piece in so many. */
const wholeBytes = 4_096;
const oneIn = 16;
const backslash = 0x5c;

/**
 * Says how much a model has written, without parsing: by the length of the JSON strings that follow certain keys. Events of
 * one stream are alike, so most of a long one is told by a sample.
 */
export class OutputGauge {
  #bytes = 0;
  #measuredBytes = 0;
  #writtenBytes = 0;
  #skipped = 0;

  /** @param opening matches the key of a text up to and with its opening quote; global */
  constructor(private readonly opening: RegExp) {}

  /** An estimate of what was written so far, tokens, >= 0. */
  get tokens(): number {
    if (this.#writtenBytes === 0) return 0;
    return Math.ceil((this.#writtenBytes * this.#bytes) / this.#measuredBytes / bytesPerToken);
  }

  /** @param events whole events, one character per byte */
  add(events: string): void {
    this.#bytes += events.length;
    if (this.#measuredBytes >= wholeBytes && ++this.#skipped < oneIn) return;
    this.#skipped = 0;
    this.#measuredBytes += events.length;
    this.#writtenBytes += writtenBytes(events, this.opening);
  }
}

function writtenBytes(events: string, opening: RegExp): number {
  let length = 0;
  opening.lastIndex = 0;
  while (opening.test(events)) {
    const start = opening.lastIndex;
    const end = stringEnd(events, start);
    length += end - start;
    opening.lastIndex = end;
  }
  return length;
}

/** @returns the position of the quote that ends the string; the end of the text when there is none */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at - 1;
    while (escapes >= start && text.charCodeAt(escapes) === backslash) escapes--;
    if ((at - escapes) % 2 === 1) return at;
  }
  return text.length;
}
