/** The simulator's tokenizer: as in English prose, four characters make a token. */
export const charsPerToken = 4;

/** Fields that carry no prompt text: names of things, binary data, cache marks. */
const silent = new Set([
  'type',
  'id',
  'image_url',
  'source',
  'data',
  'inlineData',
  'inline_data',
  'fileData',
  'cache_control',
  'tool_call_id',
  'tool_use_id',
  'toolUseId',
]);

/** All text within messages, parts, tools, however deeply nested, in order. */
export function promptText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(promptText).join('');
  if (typeof value !== 'object' || value === null) return '';
  let text = '';
  for (const [name, part] of Object.entries(value)) if (!silent.has(name)) text += promptText(part);
  return text;
}

/** Tokens of a prompt; at least 1. */
export function tokensOf(text: string): number {
  return Math.max(1, Math.ceil(text.length / charsPerToken));
}
