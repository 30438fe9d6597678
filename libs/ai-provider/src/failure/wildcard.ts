/** What stands for any text, also for none, in a pattern. */
const wildcard = '*';

/**
 * Whether a text holds a pattern: plain text, in which `*` stands for anything. Looks for the parts one after the other, so the time is
 * that of a few searches in the text whatever the pattern; a regular expression from outside could take for ever.
 *
 * @param pattern in lower case
 * @param text in lower case
 */
export function holdsPattern(text: string, pattern: string): boolean {
  let from = 0;
  for (const part of pattern.split(wildcard)) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/** As {@link holdsPattern}, but nothing may stand before or behind. */
export function isPattern(text: string, pattern: string): boolean {
  const parts = pattern.split(wildcard);
  const first = parts[0] ?? '';
  const last = parts.at(-1) ?? '';
  if (parts.length === 1) return text === first;
  if (text.length < first.length + last.length) return false;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  return holdsPattern(text.slice(first.length, text.length - last.length), parts.slice(1, -1).join(wildcard));
}
