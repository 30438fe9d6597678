import { redactText } from '#observability';

const longestText = 1_000;

/** A text that may be kept for good: bounded, storable, and without anything that looks like a key. */
export function plainText(text: string): string {
  const storable = text.toWellFormed().replaceAll('\0', '\ufffd');
  const masked = redactText(storable);
  return masked.length > longestText ? `${masked.slice(0, longestText).toWellFormed()}…` : masked;
}
