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

/** An object that fits a schema; eight characters of it make a token. */
function jsonOf(schema: unknown): Pick<Output, 'text' | 'pieces'> {
  const text = JSON.stringify(isObject(schema) ? sampleObject(schema) : {});
  return { text, pieces: text.match(/.{1,8}/gsu) ?? [] };
}

/** A call of the required tool. */
function toolOutput(tool: RequiredTool): Output {
  return { kind: 'tool_call', ...jsonOf(tool.parameters), toolName: tool.name, isCut: false };
}

/** A text that is JSON; never cut. */
function jsonOutput(schema: unknown): Output {
  return { kind: 'text', ...jsonOf(schema), toolName: '', isCut: false };
}

/** Nothing is generated. */
export const noOutput: Output = { kind: 'text', pieces: [], text: '', toolName: '', isCut: false };

/**
 * What a model "says".
 *
 * @param tokens as many as it would like to say
 * @param maxTokens the request's cap, which cuts a text; a tool call is never cut
 * @param answerSchema undefined for words
 */
export function composeOutput(
  tokens: number,
  maxTokens: number | undefined,
  tool: RequiredTool | undefined,
  answerSchema?: unknown,
): Output {
  if (tool) return toolOutput(tool);
  if (answerSchema !== undefined) return jsonOutput(answerSchema);
  const isCut = maxTokens !== undefined && maxTokens < tokens;
  return textOutput(isCut ? maxTokens : tokens, isCut);
}
