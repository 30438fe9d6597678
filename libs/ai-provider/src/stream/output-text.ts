/** The rule of thumb of the providers for English; of other scripts, bytes are counted, which comes near enough. */
const charactersPerToken = 4;
const backslash = 0x5c;

/**
 * Counts what a model has written, without parsing: the length of the JSON strings that follow `opening`.
 *
 * @param events whole events, one character per byte
 * @param opening matches the key of such a string up to and with its opening quote; global
 * @returns bytes, with escapes as they stand
 */
export function outputLength(events: string, opening: RegExp): number {
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

/** What that comes to in tokens, for a provider that has not said. */
export const tokensOfLength = (length: number): number => Math.ceil(length / charactersPerToken);

/** @returns the position of the quote that ends the string; the end of the text when there is none */
function stringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at - 1;
    while (escapes >= start && text.charCodeAt(escapes) === backslash) escapes--;
    if ((at - escapes) % 2 === 1) return at;
  }
  return text.length;
}
