import type { Output, RequiredTool } from '../dialects/dialect.js';
import { isObject } from '../scenario/shape.js';

const words = ['The ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'the ', 'lazy ', 'dog. '];
const maxRemembered = 64;
const texts = new Map<number, Output>();

/** A text of so many one-token words. The same count gives the same object. */
function textOutput(tokens: number, isCut: boolean): Output {
  const known = texts.get(isCut ? -tokens : tokens);
  if (known) return known;
  const pieces = Array.from({ length: tokens }, (_, index) => words[index % words.length] ?? '');
  const output: Output = { kind: 'text', pieces, text: pieces.join(''), toolName: '', isCut };
  if (texts.size < maxRemembered) texts.set(isCut ? -tokens : tokens, output);
  return output;
}

/** The least that satisfies a JSON schema of the simple kind tools have. */
function sample(schema: unknown): unknown {
  if (!isObject(schema)) return 'text';
  const choices = schema['enum'];
  if (Array.isArray(choices)) return choices[0] as unknown;
  switch (String(schema['type']).toLowerCase()) {
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return sampleObject(schema);
    default:
      return 'text';
  }
}

function sampleObject({ properties }: Record<string, unknown>): unknown {
  const fields = isObject(properties) ? Object.entries(properties) : [];
  return Object.fromEntries(fields.map(([name, schema]) => [name, sample(schema)]));
}

/** A call of the required tool; eight characters of its arguments make a token. */
function toolOutput(tool: RequiredTool): Output {
  const text = JSON.stringify(isObject(tool.parameters) ? sampleObject(tool.parameters) : {});
  const pieces = text.match(/.{1,8}/gsu) ?? [];
  return { kind: 'tool_call', pieces, text, toolName: tool.name, isCut: false };
}

/** Nothing is generated. */
export const noOutput: Output = { kind: 'text', pieces: [], text: '', toolName: '', isCut: false };

/**
 * What a model "says".
 *
 * @param tokens as many as it would like to say
 * @param maxTokens the request's cap, which cuts a text; a tool call is never cut
 */
export function composeOutput(
  tokens: number,
  maxTokens: number | undefined,
  tool: RequiredTool | undefined,
): Output {
  if (tool) return toolOutput(tool);
  const isCut = maxTokens !== undefined && maxTokens < tokens;
  return textOutput(isCut ? maxTokens : tokens, isCut);
}
