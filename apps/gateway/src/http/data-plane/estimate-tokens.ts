const charactersPerToken = 4;
/** What an image, a sound or a file is taken to cost: the order of magnitude of all three providers. */
const tokensPerAttachment = 1_000;
/** Values looked at before the estimate falls back on the size of the rest: bounds the work on hostile bodies. */
const maxValues = 100_000;
/** A text this long without a blank is data in base64, not words. */
const attachmentLength = 4_096;

/**
 * Estimates the prompt's tokens from the parsed body, for reserving before the provider counts them.
 *
 * @param json the whole body; its texts are counted wherever they stand, attachments at a flat rate
 * @returns at least 1
 */
export function estimateTokens(json: object): number {
  const stack: unknown[] = [json];
  let characters = 0;
  let attachments = 0;
  for (let seen = 0; stack.length > 0 && seen < maxValues; seen += 1) {
    const value = stack.pop();
    if (typeof value === 'string') {
      if (isAttachment(value)) attachments += 1;
      else characters += value.length;
    } else if (Array.isArray(value)) {
      for (const item of value) stack.push(item);
    } else if (typeof value === 'object' && value !== null) {
      for (const key in value) stack.push((value as Record<string, unknown>)[key]);
    }
  }
  return Math.max(1, Math.ceil(characters / charactersPerToken) + attachments * tokensPerAttachment);
}

function isAttachment(text: string): boolean {
  if (text.startsWith('data:')) return true;
  return text.length > attachmentLength && !text.slice(0, attachmentLength).includes(' ');
}
