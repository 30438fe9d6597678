import type { CallersWords } from './callers-words.js';

/** So many places of a message are looked at; a caller cannot hide the words of a provider behind more than its own. */
const mostPlaces = 16;

/**
 * Whether a pattern is found in a message in words that are not the caller's own. A match that begins before those words is not taken
 * for the provider's either where a shorter one inside it is the caller's: in "model=the model does not exist" only "model=" is
 * the provider's.
 */
export function isSaidByProvider(text: string, pattern: RegExp, callersWords: CallersWords): boolean {
  const anywhere = new RegExp(pattern.source, 'g');
  for (let place = 0; place < mostPlaces; place += 1) {
    const found = anywhere.exec(text);
    if (found === null) return false;
    const endsAt = found.index + found[0].length;
    const own = ownPart(text, anywhere, found, callersWords);
    if (own === null) return true;
    anywhere.lastIndex = Math.min(endsAt, own + 1);
  }
  return false;
}

/** Where the caller's own match begins, inside of one that was found; `null` when there is none. */
function ownPart(
  text: string,
  pattern: RegExp,
  found: RegExpExecArray,
  callersWords: CallersWords,
): number | null {
  const endsAt = found.index + found[0].length;
  let part: RegExpExecArray | null = found;
  for (let place = 0; part !== null && place < mostPlaces; place += 1) {
    if (part.index + part[0].length > endsAt) return null;
    if (callersWords.has(part[0])) return part.index;
    pattern.lastIndex = part.index + 1;
    part = pattern.exec(text);
  }
  return null;
}
