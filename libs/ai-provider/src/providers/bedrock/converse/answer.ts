import type { TokenUsage } from '#kernel';
import { isRecord, listAt, recordAt } from '../../../json-value.js';
import type { JsonRecord } from '../../../json-value.js';
import { tokenCount, tokenUsage } from '../../../token-count.js';
import type { Answer, Ending, Stop } from '../../../translation/answer.js';
import { textAt } from '../../../translation/anthropic/answer.js';
import { jsonTool } from '../../../translation/anthropic/request-writer.js';

const stops: Readonly<Record<string, Stop>> = {
  end_turn: 'end',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  stop_sequence: 'stop_sequence',
  tool_use: 'tool_calls',
  content_filtered: 'refused',
  guardrail_intervened: 'refused',
};

/**
 * How an answer ended. Which sequence stopped it is not told.
 *
 * @param record an answer, or the event that ends its stream
 * @param hasCalls whether functions are asked for that the caller knows
 */
export function endingOf(record: JsonRecord, hasCalls: boolean): Ending {
  const stop = stops[textAt(record, 'stopReason')] ?? 'other';
  return { stop: stop === 'tool_calls' && !hasCalls ? 'end' : stop, sequence: null };
}

/** Reads a whole answer of Converse; `null` when it is none. */
export function readAnswer(body: JsonRecord): Answer | null {
  const message = recordAt(recordAt(body, 'output'), 'message');
  if (!Array.isArray(message['content'])) return null;
  const parts = listAt(message, 'content').flatMap((block) => (isRecord(block) ? readBlock(block) : []));
  const hasCalls = parts.some(({ kind }) => kind === 'tool_call');
  return { id: null, model: null, parts, ...endingOf(body, hasCalls) };
}

/** Blocks of another kind cannot come: nobody could ask for them. */
function readBlock(block: JsonRecord): Answer['parts'] {
  if (typeof block['text'] === 'string') return [{ kind: 'text', text: block['text'] }];
  if (isRecord(block['toolUse'])) return [readToolUse(block['toolUse'])];
  return isRecord(block['reasoningContent']) ? [readThought(block['reasoningContent'])] : [];
}

function readToolUse(toolUse: JsonRecord): Answer['parts'][number] {
  const name = textAt(toolUse, 'name');
  const args = recordAt(toolUse, 'input');
  if (name === jsonTool) return { kind: 'text', text: JSON.stringify(args) };
  return { kind: 'tool_call', id: textAt(toolUse, 'toolUseId'), name, args, signature: null };
}

function readThought(content: JsonRecord): Answer['parts'][number] {
  const sealed = textAt(content, 'redactedContent');
  if (sealed !== '') return { kind: 'thinking', text: '', signature: { kind: 'sealed', value: sealed } };
  const thought = recordAt(content, 'reasoningText');
  const value = textAt(thought, 'signature');
  // Claude alone signs what it thinks.
  const signature = value === '' ? null : ({ kind: 'thinking', value } as const);
  return { kind: 'thinking', text: textAt(thought, 'text'), signature };
}

/**
 * Reads the `usage` of an answer, or of the event that tells it. What came from the cache, or went there, is counted beside
 * the rest of the prompt. Thoughts are not told apart.
 *
 * @returns `null` when it counts nothing
 */
export function readUsage(record: unknown): TokenUsage | null {
  const usage = recordAt(record, 'usage');
  if (typeof usage['inputTokens'] !== 'number' && typeof usage['outputTokens'] !== 'number') return null;
  const cached = tokenCount(usage['cacheReadInputTokens']);
  const input = tokenCount(usage['inputTokens']) + cached + tokenCount(usage['cacheWriteInputTokens']);
  return tokenUsage(input, cached, tokenCount(usage['outputTokens']), 0);
}

/** Whether an answer counts its tokens as Converse does. */
export const isConverses = (body: unknown): boolean => 'inputTokens' in recordAt(body, 'usage');
