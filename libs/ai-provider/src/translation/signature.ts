import type { Signature } from './conversation.js';

/**
 * The first characters of every signature that was handed to a caller of another wire format. Base64, because some clients
 * decode signatures; `pool:` and a lower-case letter always begin like this.
 */
export const foreignMark = 'cG9vbDp';

const wrapped = /^pool:(thinking|redacted|thought|sealed):(.*)$/s;

/** A signature in a form that every client hands back as it is. */
export const wrapSignature = ({ kind, value }: Signature): string =>
  Buffer.from(`pool:${kind}:${value}`).toString('base64');

/** @returns `null` for whatever {@link wrapSignature} has not made */
export function unwrapSignature(text: unknown): Signature | null {
  if (typeof text !== 'string' || !text.startsWith(foreignMark)) return null;
  const match = wrapped.exec(Buffer.from(text, 'base64').toString());
  return match === null ? null : { kind: match[1] as Signature['kind'], value: match[2] ?? '' };
}
